import type { Command } from "commander";
import { resolve } from "node:path";
import { parseDocument } from "yaml";
import { GroundworkError } from "../config/groundworkError";
import type { StackOnDisk } from "../operate/openStack";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Print a cluster's kubeconfig, or merge it into your own.

Without --fresh it is the one that the last 'pulumi up' gave out. --merge writes where kubectl would: into the files of
KUBECONFIG, otherwise ~/.kube/config. Other entries, comments and the file's mode stay, and so does the current context.

With --team it is a team's (namespaces.NAME.access): the API makes a token of a limited life for it, which may do what the
team's role allows, in its namespace.`;

const EXAMPLES = `
Examples:
  groundwork kubeconfig --stack home --merge            # then: kubectl --context home get nodes
  groundwork kubeconfig --stack home --merge --use --context k3s
  groundwork kubeconfig --stack home --fresh > home.yaml
  groundwork kubeconfig --stack home --team web --duration 30d --out web.yaml

Where the stack has cluster.apiThrough: ssh, kubectl goes through 'groundwork tunnel'.
`;

interface KubeconfigRequest extends StackRequest {
  readonly merge?: true;
  readonly fresh?: true;
  readonly context?: string;
  readonly use?: true;
  readonly replace?: true;
  readonly out?: string;
  readonly team?: string;
  readonly namespace?: string;
  readonly duration?: string;
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
    .option("--out <file>", "write it into a file of its own, for its owner alone")
    .option("--team <name>", "a team's, with a token in place of a certificate")
    .option("--namespace <name>", "with --team, its namespace; needed where it is in several")
    .option("--duration <time>", "with --team, how long its token lives, e.g. 30m, 8h or 30d (default: 8h)")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: KubeconfigRequest) => kubeconfig(request, terminal));
}

async function kubeconfig(request: KubeconfigRequest, terminal: Terminal): Promise<void> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const operate = require("../operate/kubeconfig") as typeof import("../operate/kubeconfig");
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const { mergeKubeconfig, kubeconfigFiles, writeKubeconfig } =
    require("../operate/kubeconfigFile") as typeof import("../operate/kubeconfigFile");
  /* eslint-enable @typescript-eslint/no-require-imports */
  refuseHalves(request);
  const file = stackOnDisk(request, terminal);
  const team =
    request.team === undefined ? undefined : await ofTeam(file, { ...request, team: request.team }, terminal);
  const text =
    team?.text ??
    (request.fresh === true
      ? await withSite(file, terminal.env, operate.freshKubeconfig)
      : await operate.kubeconfigOfStack(file, terminal.env));
  const name = request.context ?? contextOf(text);
  const certificate = operate.endOf(text);
  const end = team?.end ?? (certificate === undefined ? "" : `; its certificate ends on ${certificate}`);
  if (request.out !== undefined) {
    writeKubeconfig(resolve(terminal.cwd, request.out), renamed(text, name));
    terminal.err(`context ${name} is in ${request.out}${end}\n`);
    return;
  }
  if (request.merge !== true) {
    terminal.out(renamed(text, name));
    if (team !== undefined) terminal.err(`context ${name}${end}\n`);
    return;
  }
  const merge = { kubeconfig: text, name, use: request.use === true, replace: request.replace === true };
  const { files, current } = mergeKubeconfig(merge, kubeconfigFiles(terminal.env));
  const where = files.length === 0 ? "was there already" : `is in ${files.join(" and ")}`;
  terminal.err(`context ${name} ${where}${end}\n`);
  if (current !== name) {
    terminal.err(`the current context is ${current ?? "not set"}: kubectl --context ${name} …, or merge with --use\n`);
  }
}

/** @throws GroundworkError for options that do not go together. */
function refuseHalves({ merge, out, team, namespace, duration, fresh }: KubeconfigRequest): void {
  if (merge === true && out !== undefined) {
    throw new GroundworkError(
      "usage",
      "--merge writes into your own kubeconfig, --out into another file: take one of them",
    );
  }
  if (team !== undefined && fresh === true) {
    throw new GroundworkError("usage", "--team always asks the cluster: leave --fresh out");
  }
  if (team === undefined && (namespace !== undefined || duration !== undefined)) {
    throw new GroundworkError("usage", "--namespace and --duration are about a team: name it with --team");
  }
}

/** A team's kubeconfig, and what to say of its end. */
async function ofTeam(
  file: StackOnDisk,
  { team, namespace, duration = "8h" }: KubeconfigRequest & { readonly team: string },
  terminal: Terminal,
): Promise<{ readonly text: string; readonly end: string }> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { teamKubeconfig } = require("../operate/team/kubeconfig") as typeof import("../operate/team/kubeconfig");
  const { lifeInSeconds } = require("../operate/team/request") as typeof import("../operate/team/request");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const made = await teamKubeconfig(file, terminal.env, { team, namespace, seconds: lifeInSeconds(duration) });
  const ends = made.ends.toISOString().slice(0, 16).replace("T", " ");
  return { text: made.text, end: ` for team ${team} in ${made.namespace}; its token ends on ${ends} UTC` };
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
