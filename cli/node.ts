import { Argument, InvalidArgumentError, type Command } from "commander";
import type * as running from "./runNode";
import type { NodeRequest } from "./runNode";
import { completeWords } from "./completer";
import { onStack } from "./onStack";
import { nodeNames } from "./planWords";
import type { VerbContext } from "./verb";

const DRAIN_HELP = `
Examples:
  groundwork node drain birch --stack home --dry-run     which pods would move, and which budgets hold them
  groundwork node drain birch --stack home
  groundwork node uncordon birch --stack home            when the work on the machine is done

A drain has an end: after --timeout it names what held it, and the node is uncordoned again. 'up' leaves a node that was
drained by hand cordoned.
`;

const REBOOT_HELP = `
Examples:
  groundwork node reboot birch --stack home --dry-run
  groundwork node reboot birch cedar --stack home        one after another

Each machine is drained, rebooted, and Ready again before the next one; a server votes in etcd again as well. A server is
refused while the others would not have a quorum without it.
`;

const LOGS_HELP = `
Examples:
  groundwork node logs birch --stack home                the last 200 lines
  groundwork node logs birch --stack home -f --since 10m
`;

/** `groundwork node`. */
export function addNode(program: Command, context: VerbContext): void {
  const node = program
    .command("node")
    .summary("maintenance of single machines")
    .description("Maintenance of single machines of a stack.");
  const verb = (name: string, summary: string, description: string, names: "<node>" | "<nodes...>"): Command => {
    const command = onStack(node.command(name).summary(summary).description(description));
    return command
      .addArgument(completeWords(new Argument(names, "name of the node"), nodeNames))
      .allowExcessArguments(false);
  };
  const run = (name: keyof typeof running) => async (names: string | string[], request: NodeRequest) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
    const verbs = require("./runNode") as typeof running;
    context.setExitCode(await verbs[name]([names].flat(), request, context.terminal));
  };

  verb(
    "drain",
    "move a node's pods away",
    "Move a node's pods away, and keep new ones away until it is uncordoned.",
    "<nodes...>",
  )
    .option("--timeout <seconds>", "how long it may take; by default rollout.drainTimeoutSeconds", seconds)
    .option("--dry-run", "say what would move, and change nothing")
    .addHelpText("after", DRAIN_HELP)
    .action(run("runDrain"));
  verb(
    "uncordon",
    "let pods come back to a node",
    "Let pods come to a node again, whatever kept them away.",
    "<nodes...>",
  )
    .option("--dry-run", "say how the node is, and change nothing")
    .action(run("runUncordon"));
  verb(
    "reboot",
    "reboot machines, one at a time",
    "Reboot machines one at a time, each drained before and Ready after it.",
    "<nodes...>",
  )
    .option("--timeout <seconds>", "how long a drain may take; by default rollout.drainTimeoutSeconds", seconds)
    .option("--back <seconds>", "how long a machine may take until SSH answers again", seconds, 900)
    .option("--dry-run", "say what would move, and change nothing")
    .addHelpText("after", REBOOT_HELP)
    .action(run("runReboot"));
  verb(
    "shell",
    "open a shell on a machine",
    "Open a login shell on a machine, as the stack's SSH user.",
    "<node>",
  ).action(run("runShell"));
  verb("logs", "show the journal of a machine's k3s", "Show the journal of a machine's k3s.", "<node>")
    .option("-f, --follow", "go on with what comes")
    .option("--since <time>", "from when on: 10m, 2h, 3d, or a time as journalctl takes it")
    .addHelpText("after", LOGS_HELP)
    .action(run("runLogs"));
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of seconds above 0.");
}
