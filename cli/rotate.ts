import type { Command } from "commander";
import { onStack } from "./onStack";
import type * as running from "./runRotate";
import type { RotateRequest } from "./runRotate";
import type { VerbContext } from "./verb";

const SECRETS_KEY = `Rotate the key that Kubernetes' Secrets are encrypted with in etcd.

All servers have to be there and have the same key. A snapshot of etcd is saved; one server makes a new key and writes all Secrets
anew with it; then k3s restarts on the servers, one after another, so that they take it up, each a Ready voter again before the
next one. No node is drained. At the end every server says that it has the new key alone. Cut off anywhere, it goes on when it is
run again.`;

const EXAMPLES = `
Examples:
  groundwork rotate secrets-key --stack home --dry-run
  groundwork rotate secrets-key --stack home
`;

/** `groundwork rotate secrets-key`. */
export function addRotate(program: Command, context: VerbContext): void {
  const rotate = program.command("rotate").summary("rotate what a cluster keeps secret");
  rotate.description("Rotate what a cluster keeps secret.").helpCommand(false);
  onStack(rotate.command("secrets-key").summary("rotate the key of the Secrets in etcd").description(SECRETS_KEY))
    .option("--dry-run", "look at the servers, say what would be done, and change nothing")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: RotateRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runRotateSecretsKey } = require("./runRotate") as typeof running;
      context.setExitCode(await runRotateSecretsKey(request, context.terminal));
    });
}
