import type { Command } from "commander";
import type { HostStatus, SiteStatus } from "../operate/status";
import { indent, table } from "../plan/render/layout";
import { EXIT_CODES } from "./exitCodes";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Show how a stack's machines are now: who is reached over SSH, whose k3s runs, and what the API says of the nodes.

Every machine is asked at once; nothing is changed. The stack's secrets are opened as 'pulumi up' opens them: have its
passphrase in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or what its secrets provider needs.`;

const EXAMPLES = `
Examples:
  groundwork status --stack home
  groundwork status --stack home --json | jq '.hosts[] | select(.k3s != "active").name'

Exits with 1 when a machine is not reached, or is not a member that is Ready.
`;

/** `groundwork status`. */
export function addStatus(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("status").summary("show how a stack's machines are now").description(DESCRIPTION))
    .option("--json", "as JSON")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: StackRequest & { readonly json?: true }) => {
      setExitCode(await status(request, terminal));
    });
}

async function status(request: StackRequest & { readonly json?: true }, terminal: Terminal): Promise<number> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const { statusOf } = require("../operate/status") as typeof import("../operate/status");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const now = await withSite(stackOnDisk(request, terminal), terminal.env, statusOf);
  terminal.out(request.json === true ? `${JSON.stringify(now, undefined, 2)}\n` : statusText(now, terminal));
  return isWell(now) ? EXIT_CODES.ok : EXIT_CODES.failed;
}

function isWell({ hosts, api }: SiteStatus): boolean {
  return (
    api === undefined &&
    hosts.every(({ silent, node, k3s }) => silent === undefined && node === "Ready" && k3s === "active")
  );
}

function statusText({ hosts, api }: SiteStatus, { paint }: Terminal): string {
  const rows = hosts.map((host) => [host.name, host.role, reached(host), host.k3s, host.version, host.node]);
  const [header = "", ...lines] = table(["NAME", "ROLE", "SSH", "K3S", "VERSION", "NODE"], rows);
  const silent = hosts.flatMap(({ name, silent: why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  const notes = [...(api === undefined ? [] : api.split("\n")), ...silent];
  return [
    paint.heading(header),
    ...lines,
    ...(notes.length === 0
      ? []
      : [
          "",
          ...indent(
            notes.map((note) => paint.warning(note)),
            0,
          ),
        ]),
    "",
  ].join("\n");
}

function reached({ silent }: HostStatus): string {
  return silent === undefined ? "ok" : "failed";
}
