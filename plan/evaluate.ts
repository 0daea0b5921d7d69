import type { Problem } from "../config/problem";
import { buildPlan } from "./build";
import { collect } from "./collect";
import type { Plan } from "./model";
import type { Program } from "./program";

/** A stack as its file tells it. */
export interface PlannedStack {
  readonly project: string;
  readonly stack: string;
  /** `Pulumi.dev.yaml`, for messages. */
  readonly fileName: string;
  readonly text: string;
}

/**
 * Evaluates the whole program for one stack, without engine, hosts, network or passphrase.
 *
 * @throws GroundworkError `invalid-settings` with all that is wrong with the stack's settings.
 */
export async function evaluate(program: Program, { project, stack, fileName, text }: PlannedStack): Promise<Plan> {
  const warnings: Problem[] = [];
  const source = program.stackFileSource(text, fileName, (warning) => warnings.push(warning));
  // Before any resource, so that wrong settings end here and not inside Pulumi.
  const settings = program.loadSettings(source, stack);
  const inventory = program.buildInventory(settings);
  const hosts = inventory.nodes.map((node) => program.planNode(settings, inventory, node));
  const collected = await collect(() => program.groundwork({ ...source, warn: () => undefined }), project, stack);
  return buildPlan({ project, settings, inventory, hosts, collected, warnings });
}
