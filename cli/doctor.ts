import type { Command } from "commander";
import type * as running from "./runDoctor";
import type { DoctorRequest } from "./runDoctor";
import { onStack } from "./onStack";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Look at a cluster's health: machines, nodes, etcd, certificates, releases, storage, and what runs that were cut off left.

Every machine and the API are asked at once; nothing is changed. Each finding names its check, what it is about, and what to
do. Looked at: k3s's service, disk space, clocks; nodes that are not Ready, under pressure, cordoned or of another version;
etcd's members, votes, size and alarms; certificates that end within 60 days; releases that failed; the default StorageClass;
volumes that are lost or have too few copies; k3s's own components; how old the newest snapshot of etcd is.`;

const EXAMPLES = `
Examples:
  groundwork doctor --stack home
  groundwork doctor --stack home --quiet           only what is not well, for cron
  groundwork doctor --stack home --json | jq '.findings[] | select(.level == "error")'

Exits with 0 when there is no error, and with 1 otherwise; with --strict a warning counts as well.
`;

/** `groundwork doctor`. */
export function addDoctor(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("doctor").summary("look at a cluster's health").description(DESCRIPTION))
    .option("--json", "as JSON")
    .option("--strict", "exit with 1 for warnings too")
    .option("-q, --quiet", "leave out what was found right")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: DoctorRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runDoctor } = require("./runDoctor") as typeof running;
      setExitCode(await runDoctor(request, terminal));
    });
}
