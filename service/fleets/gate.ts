import { run } from "../../process/run";
import { stackEnvironment } from "../runs/stackEnvironment";
import type { FleetGate } from "../settings/fleetSettings";
import type { ServedStack } from "../settings/serviceFile";

const LONGEST = 500;

/** Asks a fleet's gate of a stack that was changed; gives what is wrong with it. */
export async function askGate({ command, seconds }: FleetGate, stack: ServedStack): Promise<string | undefined> {
  const [program = "", ...args] = command.map((part) => part.replaceAll("{stack}", stack.name));
  const { code, stdout, stderr } = await run(program, args, {
    cwd: stack.project,
    timeoutMs: seconds * 1000,
    env: stackEnvironment(stack),
  });
  if (code === 0) return undefined;
  const said = `${stdout}\n${stderr}`.trim().split("\n").at(-1) ?? "";
  return said === "" ? `the gate ended with ${code}` : `${said.slice(0, LONGEST)} (the gate ended with ${code})`;
}
