import { run } from "../../process/run";
import { commandExecutor, type CommandInputs, type CommandOutput } from "./command";
import type { Work } from "./executor";

interface LocalCommandInputs extends CommandInputs {
  readonly interpreter?: readonly string[];
  readonly dir?: string;
  readonly assetPaths?: readonly string[];
  readonly archivePaths?: readonly string[];
}

/** `command:local:Command`: runs on this machine, by `/bin/sh -c` unless an interpreter is given. */
export const localCommand = commandExecutor(runHere);

async function runHere(command: string, work: Work, output: CommandOutput): Promise<void> {
  const inputs = work.inputs as LocalCommandInputs;
  if (inputs.assetPaths || inputs.archivePaths) {
    throw new Error("the lab engine does not imitate assetPaths and archivePaths");
  }
  const [program = "/bin/sh", ...leading] = inputs.interpreter ?? ["/bin/sh", "-c"];
  const env = { ...process.env, ...inputs.environment, ...previousOutput(work, inputs) };
  output.hasBegun = true;
  const { code, signal, startError } = await run(program, [...leading, command], {
    input: inputs.stdin,
    cwd: inputs.dir,
    env,
    timeoutMs: Infinity,
    onOutput: (stream, bytes) => output.add(stream, bytes),
  });
  if (startError !== undefined) throw startError;
  output.end();
  if (code !== 0) throw new Error(signal !== undefined ? `signal: ${signal}` : `exit status ${code}`);
}

function previousOutput(work: Work, inputs: CommandInputs): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const { stdout = "", stderr = "" } = (work.old?.outputs ?? {}) as { stdout?: string; stderr?: string };
  return {
    ...(stdout !== "" && { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr !== "" && { PULUMI_COMMAND_STDERR: stderr }),
  };
}
