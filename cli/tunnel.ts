import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Command } from "commander";
import { GroundworkError } from "../config/groundworkError";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Open the way to a cluster's API through SSH, for a stack with 'cluster.apiThrough: ssh'.

The kubeconfig of such a stack names a port on 127.0.0.1 of this machine. While this runs, that port leads through the
stack's bastion to a server that lives. With a command it is open for as long as the command runs, and ends with its exit
code; without one, until Ctrl-C. 'pulumi up', 'preview' and 'destroy' open the way by themselves and need no tunnel.`;

const EXAMPLES = `
Examples:
  groundwork tunnel --stack rack -- kubectl --context rack get pods -A
  groundwork tunnel --stack rack -- pulumi refresh
  groundwork tunnel --stack rack              # in a second terminal: k9s --context rack
`;

/** `groundwork tunnel`. */
export function addTunnel(program: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(program.command("tunnel").summary("open the way to a cluster's API through SSH").description(DESCRIPTION))
    .argument("[command...]", "runs while the way is open; write -- before it")
    .addHelpText("after", EXAMPLES)
    .action(async (command: readonly string[], request: StackRequest) => {
      setExitCode(await tunnel(command, request, terminal));
    });
}

async function tunnel(command: readonly string[], request: StackRequest, terminal: Terminal): Promise<number> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { openStack } = require("../operate/openStack") as typeof import("../operate/openStack");
  const { wayForCommands } = require("../operate/way") as typeof import("../operate/way");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { desired } = await openStack(stackOnDisk(request, terminal), terminal.env);
  const report = (line: string): void => terminal.err(`groundwork: ${line}\n`);
  const way = wayForCommands(desired, terminal.env, report);
  try {
    await way.listening;
    if (command.length > 0) return await runInside(command, terminal);
    const servers = [desired.nodes.first, ...desired.nodes.otherServers].map(({ name }) => name).join(", ");
    terminal.err(`${desired.apiUrl} leads to ${servers} until Ctrl-C\n`);
    await interrupted();
    return 0;
  } finally {
    way.close();
  }
}

/** Runs the command on this terminal, and gives its exit code as a shell would. */
function runInside([program = "", ...args]: readonly string[], { cwd, env }: Terminal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: "inherit" });
    // The terminal sends Ctrl-C to both; the command decides what it means.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    const hand = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGTERM", hand);
    const done = (): void => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", hand);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      done();
      reject(new GroundworkError("usage", `${program} cannot be run (${error.code ?? error.message})`));
    });
    child.once("close", (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}
