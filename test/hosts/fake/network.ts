import type { Answer } from "../sandbox/gateway";

/** A link of the fake host, with its global addresses. */
export type Links = Map<string, readonly string[]>;

export interface Page {
  readonly body: string;
  /** Where the site sends whoever asks for this. */
  readonly redirect?: string;
}

/** Gives what lies at a URL, or undefined when nothing answers there. */
export type Fetch = (url: string) => Promise<Page | undefined> | Page | undefined;

const fine: Answer = { code: 0, out: "", err: "" };

export function ip(links: Links, args: readonly string[]): Answer {
  const words = args.filter((arg) => !/^-[o46]$|^-(oneline|brief)$/.test(arg));
  const [object = "", verb = "show", ...rest] = words;
  if (object === "netns") return fine;
  if (object === "link" && verb === "delete") return { ...fine, code: links.delete(rest.at(-1)!) ? 0 : 1 };
  if (object.startsWith("route") || object === "neigh") return fine;
  const named =
    rest[0] === "dev" ? rest[1] : ["scope", "up", "type", undefined].includes(rest[0]) ? undefined : rest[0];
  if (named !== undefined && !links.has(named)) return { code: 1, out: "", err: `Device "${named}" does not exist.\n` };
  const chosen = [...links].filter(([name]) => named === undefined || name === named);
  const lines = chosen.flatMap(([name, addresses], at) =>
    object.startsWith("a")
      ? addresses.map(
          (address) =>
            `${at + 2}: ${name}    ${address.includes(":") ? "inet6" : "inet"} ${address} scope global ${name}`,
        )
      : [`${at + 2}: ${name}: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP`],
  );
  return { ...fine, out: lines.map((line) => `${line}\n`).join("") };
}

/** Where the answer goes, and which URL is asked; the rest of the flags change nothing here. */
export interface Transfer {
  readonly url: string;
  readonly file: string | undefined;
  readonly head: boolean;
  /** Whether it goes where it is sent, and whether over https only. */
  readonly follows: boolean;
  readonly httpsOnly: boolean;
  /** The file that tells it of a proxy. */
  readonly config?: string | undefined;
}

const CURL_VALUES = new Set([
  "-o",
  "--output",
  "--connect-timeout",
  "--max-time",
  "-m",
  "--retry",
  "--retry-delay",
  "--proto",
  "--proto-redir",
  "-H",
  "-w",
  "--cacert",
  "-K",
]);

export function curlTransfer(args: readonly string[]): Transfer {
  const url = args.filter((arg, at) => !arg.startsWith("-") && !CURL_VALUES.has(args[at - 1] ?? "")).at(-1) ?? "";
  const output = args.findIndex((arg) => arg === "-o" || arg === "--output" || /^-[a-zA-Z]*o$/.test(arg));
  const has = (short: string, long: string): boolean =>
    args.some((arg) => arg === long || new RegExp(`^-[a-zA-Z]*${short}`).test(arg));
  const httpsOnly = args.includes("=https");
  return {
    url,
    file: output < 0 || args[output + 1] === "/dev/null" ? undefined : args[output + 1],
    head: has("I", "--head"),
    follows: has("L", "--location"),
    httpsOnly,
    config: args.includes("-K") ? args[args.indexOf("-K") + 1] : undefined,
  };
}

export function wgetTransfer(args: readonly string[]): Transfer {
  const values = new Set(["-T", "-t", "-O", "--timeout", "--tries"]);
  const url = args.filter((arg, at) => !arg.startsWith("-") && !values.has(args[at - 1] ?? "")).at(-1) ?? "";
  const output = args.findIndex((arg) => /^-[a-z]*O$/.test(arg));
  const file = output < 0 ? undefined : args[output + 1];
  return {
    url,
    file: file === "/dev/null" || file === "-" ? undefined : file,
    head: args.includes("-S"),
    follows: true,
    httpsOnly: args.includes("--https-only"),
  };
}

/** curl takes an IPv6 address in a URL only in brackets. */
export function isUrl(url: string): boolean {
  return /^[a-z]+:\/\/(\[[0-9a-f:.]+\]|[^:/[\]]+)(:\d+)?(\/.*)?$/.test(url);
}

export function hostOf(url: string): string {
  return (
    /^[a-z]+:\/\/(?:\[([^\]]+)\]|([^:/]+))/
      .exec(url)
      ?.slice(1)
      .find((part) => part !== undefined) ?? ""
  );
}
