import type { Command } from "commander";
import { onStack } from "./onStack";
import type * as running from "./runUnstick";
import type { UnstickRequest } from "./runUnstick";
import type { VerbContext } from "./verb";

const FORCE = `Without --force nothing is changed. With it, the finalizers of what is being deleted are taken away, after a question: whatever
they stood for (records, volumes, addresses outside of the cluster) is then yours to remove.

Exits with 0 when it is gone, and with 3 while something holds it.`;

const NAMESPACE = `Show what holds a namespace that is being deleted, and the proper fix: objects of every kind that are left, whose finalizers
they have, and parts of the API that do not answer.

${FORCE}`;

const DEFINITION = `Show what holds a definition (CRD) that is being deleted, and the proper fix: its objects in all namespaces, and whose
finalizers they have.

${FORCE}`;

const NAMESPACE_EXAMPLES = `
Examples:
  groundwork namespace unstick shop --stack home
  groundwork namespace unstick shop --stack home --force
`;

const DEFINITION_EXAMPLES = `
Examples:
  groundwork crd unstick challenges.acme.cert-manager.io --stack home
`;

/** `groundwork namespace unstick` and `groundwork crd unstick`. */
export function addUnstick(program: Command, context: VerbContext): void {
  const namespace = program.command("namespace").summary("a namespace that does not go");
  namespace.description("Find out why a namespace does not go.").helpCommand(false);
  add(namespace, "namespace", NAMESPACE, NAMESPACE_EXAMPLES, context);
  const definition = program.command("crd").summary("a definition that does not go");
  definition.description("Find out why a definition (CRD) does not go.").helpCommand(false);
  add(definition, "definition", DEFINITION, DEFINITION_EXAMPLES, context);
}

function add(
  parent: Command,
  kind: "namespace" | "definition",
  description: string,
  examples: string,
  { terminal, setExitCode }: VerbContext,
): void {
  onStack(
    parent
      .command("unstick")
      .summary(`show what holds a ${kind}`)
      .description(description)
      .argument("<name>", `name of the ${kind}`),
  )
    .option("--force", "take the finalizers away, after a question")
    .option("--dry-run", "with --force: say which, and change nothing")
    .option("-y, --yes", "with --force, do not ask")
    .option("--json", "as JSON")
    .addHelpText("after", examples)
    .allowExcessArguments(false)
    .action(async (name: string, request: UnstickRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runUnstick } = require("./runUnstick") as typeof running;
      setExitCode(await runUnstick(kind, name, request, terminal));
    });
}
