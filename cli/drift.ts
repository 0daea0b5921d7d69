import type { Command } from "commander";
import type * as running from "./runDrift";
import type { DriftRequest } from "./runDrift";
import { onStack } from "./onStack";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Compare a stack's machines, nodes and releases with its file, and show what is not as it says.

'up' compares the settings with those that it brought last, and contacts no machine whose settings are the same. This verb
looks at the machines themselves: files of Groundwork's with their modes, unit and drop-ins, whether k3s runs and starts at
boot, its release and checksum, kernel settings, packages, labels and taints, and the chart and state of each release. Every
machine is asked at once, and nothing on them is changed.

With --repair each node that drifted gets a stamp in the stack file (groundwork:nodes[].repair), so that the next 'up' shows
it, and brings back exactly these nodes.`;

const EXAMPLES = `
Examples:
  groundwork drift --stack home
  groundwork drift --stack home --diff              with the lines that differ
  groundwork drift --stack home --repair            then: pulumi preview, and pulumi up
  groundwork drift --stack home --json | jq -r '.findings[] | [.where, .message] | @tsv'

Exits with 3 when something is not as the stack file says, and with 1 when a machine or the API could not be asked.
`;

/** `groundwork drift`. */
export function addDrift(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("drift").summary("compare a stack's machines with its file").description(DESCRIPTION))
    .option("--json", "as JSON")
    .option("--diff", "show the lines of files that differ; a file may hold what is nobody else's business")
    .option("--repair", "write a stamp for each node that drifted into the stack file; the next up brings it back")
    .option("--dry-run", "with --repair: say which stamps, and write nothing")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: DriftRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runDrift } = require("./runDrift") as typeof running;
      setExitCode(await runDrift(request, terminal));
    });
}
