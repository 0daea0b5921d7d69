import { readFileSync } from "node:fs";
import { utils } from "ssh2";
import { scriptOf } from "../../components/k3s/script";
import type { HostProgram } from "../../desired/host/program";
import { connect } from "../../ssh/connect";
import { execute } from "../../ssh/execute";
import { factsOf } from "../facts";
import type { HostKey } from "./hostKeys";
import type { Requested } from "./request";

/** A machine as it was found. */
export interface Found {
  readonly requested: Requested;
  readonly hostKey: HostKey;
  /** Its own name, in lower case and without its domain. */
  readonly hostname: string;
  readonly os: string;
  readonly arch: string;
  readonly cpus: string;
  readonly memoryMib: number;
  readonly freeMib: number;
  readonly disks: string;
  readonly addresses: readonly { readonly address: string; readonly on: string }[];
  readonly defaultInterface: string;
  readonly resolvers: readonly string[];
  /** What shows that a k3s is there; empty for none. */
  readonly k3s: string;
  readonly hasSystemd: boolean;
  /** How the user becomes root there; `no` for not at all. */
  readonly root: "yes" | "sudo" | "no";
  /** The private key's file that let the user in; undefined for one of the agent's. */
  readonly identityFile: string | undefined;
}

const PROGRAM: HostProgram = {
  title: "look at a machine that is to be a node",
  facts: { node: "init", interface: "", internal_ip: "" },
  secrets: [],
  files: undefined,
  parts: ["report", "preflight", "describe"],
  verbs: ["describe"],
};

/**
 * Logs in with the user's own keys, one after another, and looks at the machine.
 *
 * @throws Error with the reason of the last try.
 */
export async function lookAt(requested: Requested, hostKey: HostKey, agentSocket: string | undefined): Promise<Found> {
  const keys = requested.identityFiles.flatMap((file) => {
    const text = privateKeyIn(file);
    return text === undefined ? [] : [{ file, text }];
  });
  const ways = [...keys, ...(agentSocket === undefined || agentSocket === "" ? [] : [undefined])];
  if (ways.length === 0) {
    throw new Error(
      `no private key without a passphrase is in ${requested.identityFiles.join(", ")}, and no ssh-agent runs`,
    );
  }
  let last: unknown;
  for (const way of ways) {
    try {
      return await lookWith(requested, hostKey, way, agentSocket);
    } catch (error) {
      last = error;
      if (!/authentication methods failed/i.test(String(error))) break;
    }
  }
  throw last instanceof Error ? last : new Error(String(last));
}

async function lookWith(
  requested: Requested,
  hostKey: HostKey,
  way: { readonly file: string; readonly text: string } | undefined,
  agentSocket = "",
): Promise<Found> {
  const { address: host, port, user } = requested;
  const key = way === undefined ? { agentSocketPath: agentSocket } : { privateKey: way.text };
  const { client, end } = await connect(
    { host, port, user, hostKey: hostKey.text, dialErrorLimit: 0, perDialTimeout: 8, ...key },
    () => undefined,
  );
  const output = { stdout: "", stderr: "" };
  try {
    const { code } = await execute(client, "sh -s -- describe", {
      input: scriptOf(PROGRAM),
      onOutput: (stream, bytes) => (output[stream] += bytes.toString()),
    });
    return foundIn(factsOf({ code: code ?? 130, ...output }), requested, hostKey, way?.file);
  } finally {
    end();
  }
}

function foundIn(
  facts: ReadonlyMap<string, string>,
  requested: Requested,
  hostKey: HostKey,
  identityFile: string | undefined,
): Found {
  const fact = (name: string): string => facts.get(name) ?? "";
  const root = fact("root");
  return {
    requested,
    hostKey,
    hostname: fact("hostname").toLowerCase().split(".")[0] ?? "",
    os: fact("os"),
    arch: fact("arch"),
    cpus: fact("cpus"),
    memoryMib: Number(fact("memory_mib")),
    freeMib: Number(fact("free_mib")),
    disks: fact("disks"),
    addresses: fact("addresses")
      .split(",")
      .filter((each) => each !== "")
      .map((each) => ({ address: each.split(" ")[0] ?? "", on: each.split(" ")[1] ?? "" })),
    defaultInterface: fact("default_interface"),
    resolvers: fact("resolvers")
      .split(" ")
      .filter((each) => each !== ""),
    k3s: fact("k3s"),
    hasSystemd: fact("systemd") === "yes",
    root: root === "yes" || root === "sudo" ? root : "no",
    identityFile,
  };
}

/** A private key that needs no passphrase: with one it is the agent's business. */
function privateKeyIn(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return utils.parseKey(text) instanceof Error ? undefined : text;
  } catch {
    return undefined; // one that is not there is not tried
  }
}
