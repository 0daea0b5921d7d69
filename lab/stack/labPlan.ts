import { createHash } from "node:crypto";
import type { ResourceChange } from "../../automation/changes";
import { resourceName } from "../../automation/resourceName";
import type { Problem } from "../../config/problem";
import type { PreviewStep } from "../engine/previewSteps";

/** What a preview has found that `up` would do to a resource. */
export interface PlannedStep {
  readonly urn: string;
  readonly operation: string;
  /** A digest of what the resource is to be. */
  readonly inputs: string;
}

/** What a preview's steps come to, for comparing them later. */
export function plannedSteps(steps: readonly PreviewStep[]): PlannedStep[] {
  return steps
    .filter(({ op }) => op !== "same")
    .map(({ urn, op, newState }) => ({
      urn,
      operation: op,
      inputs: createHash("sha256")
        .update(JSON.stringify(newState?.inputs ?? {}))
        .digest("base64url"),
    }));
}

/** What would be done now and is not in the plan. */
export function differencesBetween(before: readonly PlannedStep[], now: readonly PlannedStep[]): Problem[] {
  const planned = new Map(before.map((step) => [step.urn, step]));
  return now.flatMap(({ urn, operation, inputs }): Problem[] => {
    const path = resourceName(urn).name;
    const was = planned.get(urn);
    if (was?.operation !== operation) {
      const problem = `would be done: ${operation}; planned: ${was?.operation ?? "nothing"}`;
      return [{ path, problem, remedy: "" }];
    }
    return was.inputs === inputs ? [] : [{ path, problem: "inputs: not as planned", remedy: "" }];
  });
}

/** The changes of a preview, as the library tells them. */
export function changesIn(steps: readonly PreviewStep[]): ResourceChange[] {
  return steps.flatMap(({ op, urn, oldState, newState, detailedDiff = {} }): ResourceChange[] => {
    if (op === "same") return [];
    const properties = Object.entries(detailedDiff).map(([path, { kind }]) => ({
      path,
      change: kind.replace("-replace", "") as "add" | "delete" | "update",
      replaces: kind.endsWith("-replace"),
    }));
    return [{ resource: resourceName(urn, newState?.parent ?? oldState?.parent), operation: op, properties }];
  });
}
