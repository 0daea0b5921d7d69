import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { EXIT_CODES } from "./exitCodes";
import { addCertificate } from "./certificate";
import { addComment } from "./comment";
import { addDigest } from "./digest";
import { addDoctor } from "./doctor";
import { addDrift } from "./drift";
import { addCompletion } from "./completion";
import { addIssue } from "./issue";
import { addKubeconfig } from "./kubeconfig";
import { addNode } from "./node";
import { addOutdated } from "./outdated";
import { packageVersion } from "./packageVersion";
import { addPlan } from "./plan";
import { reportError } from "./reportError";
import { addInit } from "./init";
import { addIngress } from "./ingress";
import { addPreflight } from "./preflight";
import { addRelease } from "./release";
import { addRotate } from "./rotate";
import { addServe } from "./serve";
import { addSnapshot } from "./snapshot";
import { addStatus } from "./status";
import { processTerminal, type Terminal } from "./terminal";
import { addTunnel } from "./tunnel";
import { addUnstick } from "./unstick";
import type { AddVerb, VerbContext } from "./verb";
import { addVersions } from "./versions";

const HELP_END = `
Exit codes:
  0  done
  1  failed
  2  wrong usage or wrong settings
  3  plan --against --exit-code, drift: there are differences; certificate why, check: a certificate is not right;
     namespace unstick, crd unstick: something holds it; ingress migrate: an annotation would be lost;
     outdated --exit-code: something newer is there

Environment:
  NO_COLOR          no colours
  GROUNDWORK_DEBUG  with any value: failures with their stack trace, as --debug

Examples:
  groundwork plan --stack dev               what the stack is, without touching anything
  groundwork plan --stack dev --node atlas  all that one machine gets
  groundwork plan --stack prod --against origin/main
  source <(groundwork completion bash)
`;

/** Runs the command and gives its exit code; nothing is thrown. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const program = buildProgram({ terminal, setExitCode: (code) => (exitCode = code) });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    return reportError(error, terminal, args.includes("--debug"));
  }
}

/** The tree of verbs. */
export function buildProgram(context: VerbContext): Command {
  const { terminal } = context;
  const program = new Command("groundwork")
    .description("k3s clusters on machines you own, as one Pulumi program.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .option("--debug", "show the stack trace of a failure")
    .addHelpText("after", HELP_END)
    .helpCommand("help [verb]", "print help on a verb")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.width,
      outputError: (text, write) => write(`groundwork: ${text.replace(/^error: /, "")}`),
    });
  addPlan(program, context);
  addInit(program, context);
  addPreflight(program, context);
  addStatus(program, context);
  addDoctor(program, context);
  addDrift(program, context);
  addNode(program, context);
  addKubeconfig(program, context);
  addTunnel(program, context);
  addCertificate(program, context);
  addRelease(program, context);
  addUnstick(program, context);
  addIngress(program, context);
  addSnapshot(program, context);
  addRotate(program, context);
  addComment(program, context);
  addDigest(program, context);
  addIssue(program, context);
  addServe(program, context);
  addVersions(program, context);
  addOutdated(program, context);
  for (const add of optionalVerbs()) add(program, context);
  addCompletion(program, context);
  return program;
}

/** Verbs of rooms that not every installation has. */
function optionalVerbs(): AddVerb[] {
  const file = join(__dirname, "lab");
  if (![".ts", ".js"].some((extension) => existsSync(`${file}${extension}`))) return [];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the file may be missing
  return [(require(file) as { addLab: AddVerb }).addLab];
}
