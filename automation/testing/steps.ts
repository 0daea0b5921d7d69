import { isDeepStrictEqual } from "node:util";
import type { PropertyChange, ResourceChange } from "../changes";
import type { OperationResult } from "../operations";
import type { PlannedStep } from "../plannedSteps";
import { resourceName } from "../resourceName";
import type { Running } from "../running";
import type { TestResource } from "./evaluation";

/** Something that an operation does to a resource. */
export interface Step extends ResourceChange {
  readonly operation: "create" | "update" | "delete";
  readonly target: TestResource;
}

/** A step as it stands in a plan. */
export function plannedStep({ operation, resource, target }: Step): PlannedStep {
  return { urn: target.urn, name: resource.name, operation, inputs: target.inputs };
}

/** What leads from one state to another: first what is made and changed, in order, then what goes, backwards. Pure. */
export function stepsBetween(before: readonly TestResource[], after: readonly TestResource[]): Step[] {
  const had = new Map(before.map((resource) => [resource.urn, resource]));
  const wanted = new Set(after.map(({ urn }) => urn));
  const made = after.flatMap((target): Step[] => {
    const old = had.get(target.urn);
    if (old === undefined) return [stepOf("create", target)];
    const properties = propertyChanges(old, target);
    return properties.length === 0 ? [] : [stepOf("update", target, properties)];
  });
  const gone = before.filter(({ urn }) => !wanted.has(urn)).reverse();
  return [...made, ...gone.map((target) => stepOf("delete", target))];
}

/** The end of an operation that got there: how many resources each operation was done to, or would be. */
export function summary(
  { tell }: Pick<Running, "tell">,
  steps: readonly Step[],
  after: readonly TestResource[],
): OperationResult {
  const counts: Record<string, number> = {};
  for (const { operation } of steps) counts[operation] = (counts[operation] ?? 0) + 1;
  const same = after.length - (counts["create"] ?? 0) - (counts["update"] ?? 0);
  if (same > 0) counts["same"] = same;
  tell({ kind: "summary", changes: counts, seconds: 0 });
  return { counts, seconds: 0 };
}

function stepOf(operation: Step["operation"], target: TestResource, properties: PropertyChange[] = []): Step {
  return { operation, target, properties, resource: resourceName(target.urn, target.parent) };
}

function propertyChanges(old: TestResource, target: TestResource): PropertyChange[] {
  const paths = [...new Set([...Object.keys(old.inputs), ...Object.keys(target.inputs)])].sort();
  return paths
    .filter((path) => !isDeepStrictEqual(old.inputs[path], target.inputs[path]))
    .map((path) => {
      const change = !(path in old.inputs) ? "add" : !(path in target.inputs) ? "delete" : "update";
      return { path, change, replaces: false };
    });
}
