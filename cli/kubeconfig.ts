import type { Command } from "commander";
import { parseDocument } from "yaml";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Print a cluster's kubeconfig, or merge it into your own.

Without --fresh it is the one that the last 'pulumi up' gave out. --merge writes where kubectl would: into the files of
KUBECONFIG, otherwise ~/.kube/config. Other entries, comments and the file's mode stay, and so does the current context.`;

const EXAMPLES = `
Examples:
  groundwork kubeconfig --stack home --merge            # then: kubectl --context home get nodes
  groundwork kubeconfig --stack home --merge --use --context k3s
  groundwork kubeconfig --stack home --fresh > home.yaml

Where the stack has cluster.apiThrough: ssh, kubectl goes through 'groundwork tunnel'.
`;

interface KubeconfigRequest extends StackRequest {
  readonly merge?: true;
  readonly fresh?: true;
  readonly context?: string;
  readonly use?: true;
  readonly replace?: true;
}

/** `groundwork kubeconfig`. */
export function addKubeconfig(program: Command, { terminal }: VerbContext): void {
  onStack(
    program
      .command("kubeconfig")
      .summary("print a cluster's kubeconfig, or merge it into your own")
      .description(DESCRIPTION),
  )
    .option("--merge", "merge it into your own kubeconfig")
    .option("--fresh", "read it from a server that lives, over SSH; its certificate is the newest")
    .option("--context <name>", "name of its cluster, user and context; by default the cluster's own")
    .option("--use", "with --merge, make it the current context")
    .option("--replace", "with --merge, take the place of another cluster's entries of this name")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: KubeconfigRequest) => kubeconfig(request, terminal));
}

async function kubeconfig(request: KubeconfigRequest, terminal: Terminal): Promise<void> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const operate = require("../operate/kubeconfig") as typeof import("../operate/kubeconfig");
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const { mergeKubeconfig, kubeconfigFiles } =
    require("../operate/kubeconfigFile") as typeof import("../operate/kubeconfigFile");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const file = stackOnDisk(request, terminal);
  const text =
    request.fresh === true
      ? await withSite(file, terminal.env, operate.freshKubeconfig)
      : await operate.kubeconfigOfStack(file, terminal.env);
  const name = request.context ?? contextOf(text);
  if (request.merge !== true) {
    terminal.out(renamed(text, name));
    return;
  }
  const merge = { kubeconfig: text, name, use: request.use === true, replace: request.replace === true };
  const { files, current } = mergeKubeconfig(merge, kubeconfigFiles(terminal.env));
  const end = operate.endOf(text);
  const where = files.length === 0 ? "was there already" : `is in ${files.join(" and ")}`;
  terminal.err(`context ${name} ${where}${end === undefined ? "" : `; its certificate ends on ${end}`}\n`);
  if (current !== name) {
    terminal.err(`the current context is ${current ?? "not set"}: kubectl --context ${name} …, or merge with --use\n`);
  }
}

function contextOf(kubeconfig: string): string {
  return String(parseDocument(kubeconfig).get("current-context"));
}

/** The same kubeconfig under another name. */
function renamed(kubeconfig: string, name: string): string {
  const document = parseDocument(kubeconfig);
  for (const list of ["clusters", "users", "contexts"]) document.setIn([list, 0, "name"], name);
  document.setIn(["contexts", 0, "context", "cluster"], name);
  document.setIn(["contexts", 0, "context", "user"], name);
  document.set("current-context", name);
  return document.toString({ lineWidth: 0 });
}
