import { readFileSync } from "node:fs";
import { findPulumi } from "../../automation/pulumiCli";
import { run, type Environment } from "../../process/run";

/** Why a secret was not set: one line. */
export type NotSet = string | undefined;

/**
 * Sets the stack's SSH key from a file. It goes to the Pulumi CLI on standard input: never as an argument, never through a shell.
 *
 * @returns why it could not; undefined when it is set.
 */
export async function setPrivateKey(
  identityFile: string,
  {
    stack,
    directory: cwd,
    environment: env,
  }: { readonly stack: string; readonly directory: string; readonly environment: Environment },
): Promise<NotSet> {
  let command: string;
  try {
    ({ command } = await findPulumi({ environment: env }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const pulumi = async (args: readonly string[], input?: Buffer): Promise<NotSet> => {
    const options = { cwd, env, timeoutMs: 120_000, ...(input === undefined ? {} : { input }) };
    const { code, stderr } = await run(command, [...args, "--non-interactive"], options);
    if (code === 0) return undefined;
    return (
      stderr
        .trim()
        .split("\n")
        .at(0)
        ?.replace(/^error: /, "") ?? `it ended with code ${code}`
    );
  };
  const missing = await pulumi(["stack", "select", stack]);
  const made = missing === undefined ? undefined : await pulumi(["stack", "init", stack]);
  if (made !== undefined) return made;
  return await pulumi(
    ["config", "set", "--stack", stack, "--secret", "--path", "groundwork:ssh.privateKey"],
    readFileSync(identityFile),
  );
}
