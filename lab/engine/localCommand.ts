import { spawn } from "node:child_process";
import { commandExecutor, type CommandInputs, type CommandOutput } from "./command";
import type { Work } from "./executor";

interface LocalCommandInputs extends CommandInputs {
  readonly interpreter?: readonly string[];
  readonly dir?: string;
  readonly assetPaths?: readonly string[];
  readonly archivePaths?: readonly string[];
}

/** `command:local:Command`: runs on this machine, by `/bin/sh -c` unless an interpreter is given. */
export const localCommand = commandExecutor(run);

async function run(command: string, work: Work, output: CommandOutput): Promise<void> {
  const inputs = work.inputs as LocalCommandInputs;
  if (inputs.assetPaths || inputs.archivePaths) {
    throw new Error("the lab engine does not imitate assetPaths and archivePaths");
  }
  const [program = "/bin/sh", ...leading] = inputs.interpreter ?? ["/bin/sh", "-c"];
  const env = { ...process.env, ...inputs.environment, ...previousOutput(work, inputs) };
  const child = spawn(program, [...leading, command], { cwd: inputs.dir, env, stdio: ["pipe", "pipe", "pipe"] });
  output.hasBegun = true;
  child.stdout.on("data", (bytes: Buffer) => output.add("stdout", bytes));
  child.stderr.on("data", (bytes: Buffer) => output.add("stderr", bytes));
  // A command that does not read its input closes it early: no fault of its own.
  child.stdin.on("error", () => undefined);
  child.stdin.end(inputs.stdin ?? "");
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...end) => resolve(end));
  });
  output.end();
  if (code !== 0) throw new Error(signal !== null ? `signal: ${signal}` : `exit status ${code}`);
}

function previousOutput(work: Work, inputs: CommandInputs): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const { stdout = "", stderr = "" } = (work.old?.outputs ?? {}) as { stdout?: string; stderr?: string };
  return {
    ...(stdout !== "" && { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr !== "" && { PULUMI_COMMAND_STDERR: stderr }),
  };
}
