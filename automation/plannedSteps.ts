import { createHash } from "node:crypto";
import { z } from "zod";
import type { Problem } from "../config/problem";

// The plans of stacks that another engine than Pulumi's works on; Pulumi's has a form of its own.

const planSchema = z.array(
  z.strictObject({ urn: z.string(), name: z.string(), operation: z.string(), inputs: z.string() }),
);

/** What would be done to a resource. */
export interface PlannedStep {
  readonly urn: string;
  readonly name: string;
  readonly operation: string;
  /** What it is to be; the plan has a digest of it. */
  readonly inputs: unknown;
}

/** The content of a plan: each step, with a digest of what the resource is to be. */
export function plannedSteps(steps: readonly PlannedStep[]): string {
  const planned: z.output<typeof planSchema> = steps.map(({ urn, name, operation, inputs }) => ({
    ...{ urn, name, operation },
    inputs: createHash("sha256").update(JSON.stringify(inputs)).digest("base64url"),
  }));
  return JSON.stringify(planned);
}

/** What would be done otherwise than planned. Nothing to do where something is planned is well, as it is to Pulumi's engine. */
export function differencesFrom(content: string, steps: readonly PlannedStep[]): Problem[] {
  const planned = new Map(planSchema.parse(JSON.parse(content)).map((step) => [step.urn, step]));
  const now = planSchema.parse(JSON.parse(plannedSteps(steps)));
  return now.flatMap(({ urn, name, operation, inputs }): Problem[] => {
    const plan = planned.get(urn);
    if (plan?.operation !== operation) {
      const problem = `would be done: ${operation}; planned: ${plan?.operation ?? "nothing"}`;
      return [{ path: name, problem, remedy: "" }];
    }
    return plan.inputs === inputs ? [] : [{ path: name, problem: "inputs: not as planned", remedy: "" }];
  });
}
