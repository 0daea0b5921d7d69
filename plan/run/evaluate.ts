import { createStack } from "../../components/stack";
import { loadSettings } from "../../config/read/load";
import { measureIn } from "../../config/read/measure";
import type { SettingsSource } from "../../config/read/source";
import type { Problem } from "../../config/problem";
import { stackFileSource } from "../../config/read/stackFile";
import { desiredStack } from "../../desired/cluster";
import { policyOfStack } from "../../policy/ofStack";
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
  /** The project's directory, where the files are that are uploaded. Default: nobody looks at them. */
  readonly directory?: string | undefined;
}

/**
 * What one stack is to be, and what the program registers for it, without engine, hosts, network or passphrase.
 *
 * @throws GroundworkError `invalid-settings` with all that is wrong with the stack's settings.
 */
export async function evaluate({ project, stack, fileName, text, now, directory }: PlannedStack): Promise<Plan> {
  const warnings: Problem[] = [];
  const source: SettingsSource = {
    ...stackFileSource(text, fileName, (warning) => warnings.push(warning)),
    now,
    // Its checks run where the files may not be.
    missingFiles: "warning",
    measure: directory === undefined ? undefined : measureIn(directory),
  };
  const settings = loadSettings(source, stack);
  const desired = desiredStack(settings, project);
  const policy = policyOfStack(settings, desired);
  warnings.push(...policy.warnings);
  const collected = await collect(() => createStack(desired), project, stack);
  return buildPlan({ desired, collected, warnings, violations: policy.violations });
}
