import type { Command } from "commander";
import { onStack } from "./onStack";
import type * as runRotate from "./runRotate";
import type { RotateRequest } from "./runRotate";
import type { VerbContext } from "./verb";

type Running = typeof runRotate;
type Run = Running["runRotateSecretsKey"];

const SECRETS_KEY = `Rotate the key that Kubernetes' Secrets are encrypted with in etcd.

All servers have to be there and have the same key. A snapshot of etcd is saved; one server makes a new key and writes all Secrets
anew with it; then k3s restarts on the servers, one after another, so that they take it up, each a Ready voter again before the
next one. No node is drained. At the end every server says that it has the new key alone. Cut off anywhere, it goes on when it is
run again.`;

const CA = `Rotate the cluster's certificate authorities, and the key that signs the tokens of service accounts.

All nodes have to be there and Ready. A snapshot of etcd is saved; one server makes new authorities with openssl, below new roots that
the roots of before have signed; k3s checks them and stores them; then k3s restarts on the servers, one after another, and on the
agents, each Ready again before the next one. No node is drained, and join tokens on the hosts are pinned to the new authority. Who
trusts the authority of before trusts the new one: kubeconfigs go on. Cut off anywhere, it goes on when it is run again.`;

const examplesOf = (name: string): string => `
Examples:
  groundwork rotate ${name} --stack home --dry-run
  groundwork rotate ${name} --stack home
`;

/** `groundwork rotate secrets-key` and `groundwork rotate ca`. */
export function addRotate(program: Command, context: VerbContext): void {
  const rotate = program.command("rotate").summary("rotate what a cluster keeps secret");
  rotate.description("Rotate what a cluster keeps secret.").helpCommand(false);
  const add = (name: string, summary: string, description: string, run: (running: Running) => Run): void => {
    onStack(rotate.command(name).summary(summary).description(description))
      .option("--dry-run", "look at the hosts, say what would be done, and change nothing")
      .option("-y, --yes", "do not ask")
      .addHelpText("after", examplesOf(name))
      .allowExcessArguments(false)
      .action(async (request: RotateRequest) => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
        const running = require("./runRotate") as Running;
        context.setExitCode(await run(running)(request, context.terminal));
      });
  };
  add("secrets-key", "rotate the key of the Secrets in etcd", SECRETS_KEY, (running) => running.runRotateSecretsKey);
  add("ca", "rotate the cluster's certificate authorities", CA, (running) => running.runRotateAuthorities);
}
