import type { Command } from "commander";
import type { Finding } from "../operate/finding";
import { EXIT_CODES } from "./exitCodes";
import { findingsText } from "./findingsText";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Look whether a stack's machines can become what its file says, before anything is touched.

All machines are looked at at once: each for itself (the checks of 'pulumi up', resolvers, the mirror, packages, the disk of etcd),
and all together: clocks, duplicates, and the network between them, which is tried for real with small listeners on the ports that
k3s will use. Nothing on a host is changed, and nothing stays. For a cluster that runs it says the same; ports that k3s has are
tried with k3s itself.

A check that counts less on a site is named in the stack's file, with the reason:

  groundwork:preflight:
    lower:
      etcd-disk: SD cards until the SSDs come, one server, a test site`;

const EXAMPLES = `
Examples:
  groundwork preflight --stack home
  groundwork preflight --stack home --all                       what is right, too
  groundwork preflight --stack home --json | jq '.findings[] | select(.level == "error")'

Exits with 1 when there is an error.
`;

interface Request extends StackRequest {
  readonly json?: true;
  readonly all?: true;
}

/** `groundwork preflight`. */
export function addPreflight(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(
    program
      .command("preflight")
      .summary("look whether a stack's machines are fit, before anything is touched")
      .description(DESCRIPTION),
  )
    .option("--all", "show what was found right as well")
    .option("--json", "as JSON")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: Request) => {
      setExitCode(await preflight(request, terminal));
    });
}

async function preflight(request: Request, terminal: Terminal): Promise<number> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const verb = require("../operate/preflight/preflight") as typeof import("../operate/preflight/preflight");
  const { hasErrors } = require("../operate/finding") as typeof import("../operate/finding");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const file = stackOnDisk(request, terminal);
  const progress = (line: string): void => terminal.err(`${line} …\n`);
  const findings = await withSite(file, terminal.env, (site) => verb.preflight(site, progress));
  terminal.out(
    request.json === true
      ? `${JSON.stringify({ stack: file.stack, findings: findings.map(plain) }, undefined, 2)}\n`
      : findingsText(findings, { all: request.all === true, terminal }),
  );
  return hasErrors(findings) ? EXIT_CODES.failed : EXIT_CODES.ok;
}

/** Every field is there, so that scripts need not ask. */
function plain({ check, where, level, message, remedy, lowered }: Finding): Record<string, string | null> {
  return { check, where: where ?? null, level, message, remedy, lowered: lowered ?? null };
}
