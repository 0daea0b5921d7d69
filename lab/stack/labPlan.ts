import type { ResourceChange } from "../../automation/changes";
import type { PlannedStep } from "../../automation/plannedSteps";
import { resourceName } from "../../automation/resourceName";
import type { PreviewStep } from "../engine/previewSteps";

/** What a preview's steps come to. */
export function stepsIn(steps: readonly PreviewStep[]): PlannedStep[] {
  return steps
    .filter(({ op }) => op !== "same")
    .map(({ urn, op, newState }) => ({
      ...{ urn, name: resourceName(urn).name, operation: op },
      inputs: newState?.inputs ?? {},
    }));
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
