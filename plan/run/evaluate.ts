import { createStack } from "../../components/stack";
import { loadSettings } from "../../config/read/load";
import type { Problem } from "../../config/problem";
import { stackFileSource } from "../../config/read/stackFile";
import { desiredStack } from "../../desired/cluster";
import type { Plan } from "../model";
import { buildPlan } from "./build";
import { collect } from "./collect";

/** A stack as its file tells it. */
export interface PlannedStack {
  readonly project: string;
  readonly stack: string;
  /** `Pulumi.dev.yaml`, for messages. */
  readonly fileName: string;
  readonly text: string;
  /** The time now, for warnings that depend on it. */
  readonly now?: Date | undefined;
}

/**
 * What one stack is to be, and what the program registers for it, without engine, hosts, network or passphrase.
 *
 * @throws GroundworkError `invalid-settings` with all that is wrong with the stack's settings.
 */
export async function evaluate({ project, stack, fileName, text, now }: PlannedStack): Promise<Plan> {
  const warnings: Problem[] = [];
  const source = { ...stackFileSource(text, fileName, (warning) => warnings.push(warning)), now };
  const desired = desiredStack(loadSettings(source, stack), project);
  const collected = await collect(() => createStack(desired), project, stack);
  return buildPlan({ desired, collected, warnings });
}
