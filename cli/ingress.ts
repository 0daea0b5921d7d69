import type { Command } from "commander";
import { onStack } from "./onStack";
import type * as running from "./runIngress";
import type { MigrateRequest } from "./runIngress";
import type { VerbContext } from "./verb";

const DESCRIPTION = `List the Ingresses that ingress-nginx answers, and what the Traefik of the cluster's k3s makes of each annotation:
carried over, different, or lost with what to write instead. Then the next step on the way over, by where the stack's settings are.

Nothing is changed. Exits with 3 while an annotation would be lost.`;

const EXAMPLES = `
Examples:
  groundwork ingress migrate --stack home
  groundwork ingress migrate --stack home --all     those that are carried over, too
`;

/** `groundwork ingress`. */
export function addIngress(program: Command, { terminal, setExitCode }: VerbContext): void {
  const ingress = program.command("ingress").summary("from ingress-nginx to Traefik");
  ingress.description("The way from ingress-nginx to Traefik.").helpCommand(false);
  onStack(ingress.command("migrate").summary("say what becomes of each Ingress").description(DESCRIPTION))
    .option("--all", "annotations that are carried over, too")
    .option("--json", "as JSON")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: MigrateRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runMigrate } = require("./runIngress") as typeof running;
      setExitCode(await runMigrate(request, terminal));
    });
}
