import { changesBetween, type Change } from "./diff";
import { concerns, ignoring } from "./propertyPath";
import { UNKNOWN, type Values } from "./propertyValues";
import { providerUrn, type ResourceState } from "./state";

/** What the program registers: a resource as it should be, with the options that reach the engine. */
export interface Goal {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URNs it may have been recorded under before. */
  readonly aliases: readonly string[];
  readonly custom: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs: Values;
  readonly dependencies: string[];
  readonly propertyDependencies: Record<string, string[]>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: string;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** Bounds of an operation, in seconds; absent where the program gives none. */
  readonly timeoutSeconds: { readonly create?: number; readonly update?: number; readonly delete?: number };
}

export type Operation = "same" | "create" | "update" | "replace" | "delete";

/** What must be done to get from what is recorded to what is wanted. */
export interface Step {
  readonly operation: Exclude<Operation, "delete">;
  readonly inputs: Values;
  readonly changes: Change[];
  /** A replacement deletes the old one first. */
  readonly deleteFirst: boolean;
}

/** What a resource type says about its changes. */
export interface ReplacementRules {
  /** Whether this change cannot be made in place. */
  readonly replaces: (change: Change, before: Values, after: Values) => boolean;
  /** Whether old and new cannot live side by side. */
  readonly deletesFirst?: (before: Values, after: Values) => boolean;
}

/** Pulumi's rules for one resource (`pkg/resource/deploy/step_generator.go`): same, create, update or replace. */
export function stepFor(old: ResourceState | undefined, goal: Goal, rules: ReplacementRules): Step {
  if (!old) return { operation: "create", inputs: goal.inputs, changes: [], deleteFirst: false };
  const inputs = ignoring(goal.ignoreChanges, old.inputs, goal.inputs);
  const changes = changesBetween(old.inputs, inputs);
  const isReplaced =
    old.awaitsReplacement ||
    old.custom !== goal.custom ||
    providerDiffers(old.provider, goal.provider) ||
    changes.some((change) => rules.replaces(change, old.inputs, inputs)) ||
    changes.some((change) => goal.replaceOnChanges.some((path) => concerns(path, change.path)));
  if (isReplaced) {
    const deleteFirst = goal.deleteBeforeReplace || (rules.deletesFirst?.(old.inputs, inputs) ?? false);
    return { operation: "replace", inputs, changes, deleteFirst };
  }
  // An update that was cut off left the resource between the two: it is done again even if nothing else changed.
  return { operation: changes.length > 0 || old.interrupted ? "update" : "same", inputs, changes, deleteFirst: false };
}

/** A provider that was itself replaced has another id: what it made must be made again. */
function providerDiffers(before: string | undefined, after: string | undefined): boolean {
  return (before ?? "") !== (after ?? "") && !(after ?? "").endsWith(UNKNOWN);
}

/** Everything a recorded resource needs while it lives, and must therefore be deleted before. */
export function needsOf(resource: ResourceState): string[] {
  const named = [resource.parent, resource.deletedWith, providerUrn(resource)].filter((urn) => urn !== undefined);
  return [...named, ...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()];
}

/**
 * The recorded resources that must be deleted before `root` is, and made again after it, when `root` is deleted
 * before its replacement: those that live with it or whose own replacement the loss of its outputs forces
 * (Pulumi's calculateDependentReplacements). In dependency order.
 * @param isRegistered resources the program has registered already cannot depend on `root` any more
 */
export function replacedWith(
  root: ResourceState,
  recorded: readonly ResourceState[],
  isRegistered: (urn: string) => boolean,
  rulesOf: (resource: ResourceState) => ReplacementRules,
): ResourceState[] {
  const gone = new Set([root.urn]);
  const found: ResourceState[] = [];
  for (let grew = true; grew;) {
    grew = false;
    for (const resource of recorded) {
      if (gone.has(resource.urn) || !resource.custom || resource.replaced || isRegistered(resource.urn)) continue;
      if (!losesItself(resource, gone, rulesOf(resource))) continue;
      gone.add(resource.urn);
      found.push(resource);
      grew = true;
    }
  }
  return found;
}

function losesItself(resource: ResourceState, gone: ReadonlySet<string>, rules: ReplacementRules): boolean {
  if ([resource.deletedWith, providerUrn(resource)].some((urn) => urn !== undefined && gone.has(urn))) return true;
  const lost = Object.keys(resource.inputs).filter(
    (name) => resource.propertyDependencies[name]?.some((urn) => gone.has(urn)) === true,
  );
  const without = { ...resource.inputs, ...Object.fromEntries(lost.map((name) => [name, UNKNOWN])) };
  return changesBetween(resource.inputs, without).some(
    (change) =>
      rules.replaces(change, resource.inputs, without) ||
      (resource.replaceOnChanges ?? []).some((path) => concerns(path, change.path)),
  );
}
