import type { EngineEvent, PropertyDiff, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Operation } from "./events";
import { isImplied, resourceName, type ResourceName } from "./resourceName";

/** What a preview says would be done to a resource. */
export interface ResourceChange {
  readonly resource: ResourceName;
  readonly operation: Operation;
  /** What is different, by its path: `stdin`, `spec.replicas`. Empty for what is created or deleted. */
  readonly properties: readonly PropertyChange[];
}

export interface PropertyChange {
  readonly path: string;
  readonly change: "add" | "delete" | "update";
  /** Whether this is why the resource would be replaced. */
  readonly replaces: boolean;
}

/** Gathers the changes of a preview from the engine's events. */
export class ChangeReader {
  readonly #changes = new Map<string, ResourceChange>();

  read({ resourcePreEvent }: EngineEvent): void {
    if (resourcePreEvent === undefined) return;
    const { metadata } = resourcePreEvent;
    const operation = asOneStep(metadata.op);
    if (operation === undefined) return;
    const resource = resourceName(metadata.urn, metadata.new?.parent ?? metadata.old?.parent);
    if (isImplied(resource)) return;
    const before = this.#changes.get(metadata.urn);
    const properties = operation === "create" || operation === "delete" ? [] : propertyChanges(metadata);
    this.#changes.set(metadata.urn, {
      resource,
      operation,
      properties: properties.length > 0 ? properties : (before?.properties ?? []),
    });
  }

  get changes(): ResourceChange[] {
    return [...this.#changes.values()];
  }
}

/** A replacement is three steps of the engine and one change to a person. */
function asOneStep(operation: StepEventMetadata["op"]): Operation | undefined {
  switch (operation) {
    case "same":
    case "read":
    case "refresh":
    case "discard":
      return undefined;
    case "replace":
    case "create-replacement":
    case "delete-replaced":
    case "read-replacement":
    case "discard-replaced":
    case "remove-pending-replace":
      return "replace";
    default:
      return operation;
  }
}

function propertyChanges({ detailedDiff, diffs, keys }: Nullable<StepEventMetadata>): PropertyChange[] {
  const detailed = Object.entries(detailedDiff ?? {});
  if (detailed.length > 0) return detailed.map(([path, { diffKind }]) => ({ path, ...kindOf(diffKind) }));
  return (diffs ?? []).map((path) => ({ path, change: "update", replaces: keys?.includes(path) === true }));
}

/** The engine writes null where the SDK's types say that a field may be left out: for every component that changes. */
type Nullable<T> = { readonly [Key in keyof T]: undefined extends T[Key] ? T[Key] | null : T[Key] };

function kindOf(kind: PropertyDiff["diffKind"]): Pick<PropertyChange, "change" | "replaces"> {
  const text: string = kind;
  const change = text.startsWith("add") ? "add" : text.startsWith("delete") ? "delete" : "update";
  return { change, replaces: text.endsWith("-replace") };
}
