import { z } from "zod";
import { GroundworkError } from "../config/groundworkError";

/** What a plan holds for a value that only `up` knows; it may become any. Pulumi's `UnknownStringValue`. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KUBECONFIG = "kubeconfig";

const diffSchema = z.looseObject({ updates: z.record(z.string(), z.unknown()).optional() });
const planSchema = z.looseObject({
  resourcePlans: z
    .record(
      z.string(),
      z.looseObject({
        goal: z
          .looseObject({
            type: z.string(),
            ignoreChanges: z.array(z.string()).optional(),
            inputDiff: diffSchema.optional(),
            outputDiff: diffSchema.optional(),
          })
          .optional(),
        steps: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
type ResourcePlan = NonNullable<z.output<typeof planSchema>["resourcePlans"]>[string];

/**
 * The engine's own plan of a preview (`--save-plan`) as `up` can keep to it. In a preview the provider of the cluster goes on with the
 * kubeconfig that it has, because one that is read again is unknown there; in `up` it gets what is read. The engine takes that for another
 * program, so the plan says: its kubeconfig is what `up` reads. Everything else stays as it was planned.
 *
 * @throws GroundworkError where it is no plan of the engine.
 */
export function planForUp(text: string): string {
  const plan = parsed(text);
  for (const resource of Object.values(plan.resourcePlans ?? {})) openKubeconfig(resource);
  return JSON.stringify(plan);
}

function parsed(text: string): z.output<typeof planSchema> {
  try {
    return planSchema.parse(JSON.parse(text));
  } catch {
    throw new GroundworkError(
      "usage",
      "it is no plan of the engine; write the file of 'pulumi preview --save-plan FILE'",
    );
  }
}

function openKubeconfig(resource: ResourcePlan): void {
  const { goal, steps } = resource;
  const isProvider = goal?.type === "pulumi:providers:kubernetes";
  if (!isProvider || goal.ignoreChanges?.includes(KUBECONFIG) !== true) return;
  const others = goal.ignoreChanges.filter((name) => name !== KUBECONFIG);
  goal.ignoreChanges = others.length === 0 ? undefined : others;
  // Of one that is made, the whole kubeconfig is planned as unknown already.
  if (steps?.every((step) => step === "same" || step === "update") !== true) return;
  resource.steps = ["update"];
  for (const side of ["inputDiff", "outputDiff"] as const) {
    const diff = goal[side] ?? {};
    goal[side] = { ...diff, updates: { ...diff.updates, [KUBECONFIG]: UNKNOWN } };
  }
}
