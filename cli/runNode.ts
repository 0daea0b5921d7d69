import { GroundworkError } from "../config/groundworkError";
import type { Host } from "../operate/host";
import { hostOf, maintain } from "../operate/node/maintain";
import { reboot } from "../operate/node/reboot";
import { openShell, showLogs, sshCommand } from "../operate/node/session";
import { withSite, type Site } from "../operate/site";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of the verbs of `groundwork node`; each has some of them. */
export interface NodeRequest extends StackRequest {
  readonly timeout?: number;
  readonly back?: number;
  readonly dryRun?: true;
  readonly follow?: true;
  readonly since?: string;
}

type Run = (names: readonly string[], request: NodeRequest, terminal: Terminal) => Promise<number>;

/** Every name is looked up before anything is done, and each is done once. */
async function onNodes<T>(
  names: readonly string[],
  request: NodeRequest,
  terminal: Terminal,
  work: (site: Site, hosts: readonly Host[]) => Promise<T>,
): Promise<T> {
  return await withSite(stackOnDisk(request, terminal), terminal.env, async (site) =>
    work(
      site,
      [...new Set(names)].map((name) => hostOf(site, name)),
    ),
  );
}

function maintenance(
  names: readonly string[],
  request: NodeRequest,
  terminal: Terminal,
  verb: "maintain" | "uncordon",
  dryRunVerb: "preview" | "preview_uncordon",
): Promise<number> {
  return onNodes(names, request, terminal, async (site, hosts) => {
    for (const { node } of hosts) {
      await maintain(site, node, request.dryRun === true ? dryRunVerb : verb, {
        ...timeout(request),
        say: sayTo(terminal),
      });
    }
    return EXIT_CODES.ok;
  });
}

export const runDrain: Run = (names, request, terminal) => maintenance(names, request, terminal, "maintain", "preview");
export const runUncordon: Run = (names, request, terminal) =>
  maintenance(names, request, terminal, "uncordon", "preview_uncordon");

export const runReboot: Run = (names, request, terminal) =>
  onNodes(names, request, terminal, async (site, hosts) => {
    const options = { ...timeout(request), say: sayTo(terminal), backSeconds: request.back ?? 900 };
    if (request.dryRun !== true) await reboot(site, hosts, options);
    else for (const { node } of hosts) await maintain(site, node, "preview", options);
    return EXIT_CODES.ok;
  });

export const runShell: Run = (names, request, terminal) =>
  onNodes(names, request, terminal, async (_, [host]) => {
    if (host === undefined) return EXIT_CODES.usage;
    const { stdin, stdout } = process;
    if (stdin.isTTY && stdout.isTTY) {
      return await openShell(host, { stdin, stdout, type: terminal.env["TERM"] ?? "xterm" });
    }
    throw new GroundworkError("usage", "a shell needs a terminal", { remedy: `by hand: ${sshCommand(host.node.ssh)}` });
  });

export const runLogs: Run = (names, request, terminal) =>
  onNodes(names, request, terminal, async (_, [host]) => {
    if (host === undefined) return EXIT_CODES.usage;
    const code = await showLogs(host, {
      follow: request.follow === true,
      since: request.since,
      onOutput: (stream, bytes) => (stream === "stdout" ? terminal.out : terminal.err)(bytes.toString()),
    });
    return code === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
  });

function timeout({ timeout: seconds }: NodeRequest): { readonly timeoutSeconds?: number } {
  return seconds === undefined ? {} : { timeoutSeconds: seconds };
}

function sayTo({ out }: Terminal): (line: string) => void {
  return (line) => out(`${line}\n`);
}
