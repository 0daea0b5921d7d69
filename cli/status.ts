import type { Command } from "commander";
import type { Answers } from "../operate/answers";
import type { HostStatus, SiteStatus } from "../operate/status";
import { indent, table } from "../plan/render/layout";
import { EXIT_CODES } from "./exitCodes";
import { patiently } from "./patience";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Show what a stack is now: which machines are reached over SSH, whose k3s runs, what the API says of the nodes,
which releases 'up' made, and where the API and the ingress answer.

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
  const { answersOf } = require("../operate/answers") as typeof import("../operate/answers");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { now, answers } = await withSite(stackOnDisk(request, terminal), terminal.env, (site) =>
    patiently(terminal, site.hosts, "asking", async ({ answered }) => {
      const [hosts, answering] = await Promise.all([statusOf(site, answered), answersOf(site)]);
      return { now: hosts, answers: answering };
    }),
  );
  const text = [statusText(now, terminal), answersText(answers, terminal)].join("\n");
  terminal.out(request.json === true ? `${JSON.stringify({ ...now, answers }, undefined, 2)}\n` : text);
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

function answersText({ api, ingress, ingresses = [], releases = [] }: Answers, { paint }: Terminal): string {
  const reach = api.silent === undefined ? "answers" : paint.warning(`does not answer from here: ${api.silent}`);
  const rows = [
    ["API", `${api.url}  ${reach}`],
    ["ingress", ingress],
    ...ingresses.map(({ name, hosts, addresses }) => [
      "",
      `${name}: ${hosts.join(", ")} → ${addresses.length === 0 ? paint.warning("no controller has it yet") : addresses.join(", ")}`,
    ]),
    ...releases.map(({ name, namespace, revision, status: state }, at) => {
      const line = `${name} in ${namespace}, revision ${String(revision)}, ${state}`;
      return [at === 0 ? "releases" : "", state === "deployed" ? line : paint.warning(line)];
    }),
  ];
  return [...rows.map(([label = "", text = ""]) => `${label.padEnd(10)}${text}`), ""].join("\n");
}

function reached({ silent }: HostStatus): string {
  return silent === undefined ? "ok" : "failed";
}
