import { Argument, InvalidArgumentError, type Command } from "commander";
import { onStack } from "./onStack";
import type * as running from "./runRelease";
import type { HistoryRequest, RollbackRequest } from "./runRelease";
import type { VerbContext } from "./verb";

const HISTORY = `Show the revisions of a Helm release, of the stack's or of any other: when, which chart, and how it ended.

They are read from Helm's own Secrets in the cluster; the program helm is not needed. Nothing is changed.`;

const ROLLBACK = `Roll a Helm release back to an earlier revision, by default to the last one that worked.

It shows both revisions and asks. The program helm does it, and must be on PATH; it waits until the pods are ready. Pulumi's state
does not know of it: 'pulumi up --refresh', or the next change of this release, brings the stack file's version and values back, unless
they are changed there too.`;

const ROLLBACK_EXAMPLES = `
Examples:
  groundwork release history longhorn --stack home
  groundwork release rollback longhorn --stack home --dry-run
  groundwork release rollback longhorn 3 --stack home
`;

/** `groundwork release`. */
export function addRelease(program: Command, { terminal, setExitCode }: VerbContext): void {
  const release = program.command("release").summary("history and rollback of Helm releases");
  release.description("History and rollback of Helm releases.").helpCommand(false);
  const verb = (name: string, summary: string, description: string): Command =>
    onStack(release.command(name).summary(summary).description(description).argument("<name>", "name of the release"))
      .option("-n, --namespace <namespace>", "its namespace; needed where several have a release of this name")
      .allowExcessArguments(false);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
  const verbs = (): typeof running => require("./runRelease") as typeof running;

  verb("history", "show the revisions of a release", HISTORY)
    .option("--json", "as JSON")
    .action(async (name: string, request: HistoryRequest) => {
      setExitCode(await verbs().runHistory(name, request, terminal));
    });
  verb("rollback", "roll a release back", ROLLBACK)
    .addArgument(new Argument("[revision]", "the revision to go back to").argParser(whole))
    .option("--timeout <seconds>", "how long helm waits for the pods", whole, 600)
    .option("--dry-run", "say what would be done, and change nothing")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", ROLLBACK_EXAMPLES)
    .action(async (name: string, revision: number | undefined, request: RollbackRequest) => {
      setExitCode(await verbs().runRollback(name, revision, request, terminal));
    });
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}
