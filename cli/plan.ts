import { Option, type Command } from "commander";
import type * as running from "./runPlan";
import type { PlanRequest } from "./runPlan";
import { completeWith } from "./completer";
import { onStack } from "./onStack";
import { gitRefs, nodeNames } from "./planWords";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Show what a stack is: its nodes with their files, the roll-out order, releases, issuers and namespaces.

The very program that 'pulumi up' runs is evaluated without engine, hosts, network or passphrase. Secrets are shown
as [secret]; what only exists after 'up' as [known after up].`;

const EXAMPLES = `
Examples:
  groundwork plan --stack dev
  groundwork plan --stack dev --node atlas          every file and script of one node
  groundwork plan --stack prod --against main       what this work tree changes
  groundwork plan --stack prod --against main --format html > prod.html   a page: picture, timeline, search
  groundwork plan --stack prod --against main --format json > out/prod.json   for 'groundwork comment'
  pulumi preview --json --show-sames --refresh --stack prod | groundwork plan --stack prod --live -
                                                    what 'up' would do now, drift included
  groundwork plan --stack prod --live preview.json --expect approved/prod.live.json   before an 'up'
  groundwork plan --stack dev --json | jq '.nodes[].files[].path'
`;

/** `groundwork plan`. What it needs is loaded when it runs: help and completion stay quick. */
export function addPlan(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("plan").summary("show what a stack is, or what a change does to it").description(DESCRIPTION))
    .addOption(
      new Option("-f, --format <format>", "how it is printed")
        .choices(["text", "markdown", "html", "json"])
        .default("text"),
    )
    .option("--json", "the same as --format json")
    .addOption(
      completeWith(
        new Option("-n, --node <name>", "one node in full: every file and script; with --against: its changes only"),
        nodeNames,
      ),
    )
    .addOption(
      completeWith(
        new Option("-a, --against <ref>", "the difference between this git revision and the work tree"),
        gitRefs,
      ),
    )
    .option(
      "-l, --live <file>",
      "what 'up' would do now, of what 'pulumi preview --json --show-sames' wrote (- is the standard input); with --against: and " +
        "what of it is not of that change",
    )
    .option("--page <file>", "write the page of --format html into this file as well, of the same evaluation")
    .option(
      "--expect <digest>",
      "with --live or --against: fail when what would be done is not what was approved; the digest that a comment or this verb told, " +
        "or the file of the difference that was approved, as JSON",
    )
    .option(
      "--engine-plan <file>",
      "with --live: the plan that 'pulumi preview --save-plan' saved beside it; it is made ready for 'pulumi up --plan' in place",
    )
    .option("-w, --watch", "again, each time that the stack's file changes; Ctrl-C ends it")
    .option("--exit-code", "with --against or --live: exit with 3 when there are differences")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: PlanRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the Pulumi SDK: only where it is needed
      const { runPlan, watchPlan } = require("./runPlan") as typeof running;
      if (request.watch !== true) {
        setExitCode(await runPlan(request, terminal));
        return;
      }
      const ended = new AbortController();
      process.once("SIGINT", () => ended.abort());
      setExitCode(await watchPlan(request, terminal, ended.signal));
    });
}
