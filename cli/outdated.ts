import type { Command } from "commander";
import { K3S_CHANNELS } from "../operate/outdated/sources";
import { onStack } from "./onStack";
import type * as running from "./runOutdated";
import type { OutdatedRequest } from "./runOutdated";
import type { VerbContext } from "./verb";

const DESCRIPTION = `List what is newer than what a stack has: k3s on its nodes, the charts of its add-ons, and its own releases.

Each is asked where the stack gets it from: a chart's repository or registry, and for k3s the list of its channels. A chart on disk has
no such place. What this Groundwork knows of a chart's version and Kubernetes is said with it. Nothing is changed, no machine is asked
and no secret is needed; to upgrade, write the version at the setting that is named, and look at 'groundwork plan --against HEAD'.`;

const EXAMPLES = `
Examples:
  groundwork outdated --stack prod
  groundwork outdated --stack prod --json --exit-code   for a job that runs every week
`;

/** `groundwork outdated`. */
export function addOutdated(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("outdated").summary("list newer versions of k3s and of the charts").description(DESCRIPTION))
    .option("--json", "as JSON")
    .option("--exit-code", "end with 3 where something newer can be gone to")
    .option("--channels <url>", "where k3s's channels are listed", K3S_CHANNELS)
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: OutdatedRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program: only where it is needed
      const { runOutdated } = require("./runOutdated") as typeof running;
      setExitCode(await runOutdated(request, terminal));
    });
}
