import { createHash } from "node:crypto";
import { z } from "zod";
import type { Problem } from "../../config/problem";
import type { Step } from "./steps";

const planSchema = z.array(
  z.strictObject({ urn: z.string(), name: z.string(), operation: z.string(), inputs: z.string() }),
);

/** The content of a plan: each step, with a digest of what the resource is to be. */
export function plannedSteps(steps: readonly Step[]): string {
  const planned: z.output<typeof planSchema> = steps.map(({ operation, resource, target }) => ({
    urn: target.urn,
    name: resource.name,
    operation,
    inputs: createHash("sha256").update(JSON.stringify(target.inputs)).digest("base64url"),
  }));
  return JSON.stringify(planned);
}

/** What would be done otherwise than planned. Nothing to do where something is planned is well, as it is to the engine. */
export function differencesFrom(content: string, steps: readonly Step[]): Problem[] {
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
