/** A resource of a stack, for people and for looking it up in the state. */
export interface ResourceName {
  readonly urn: string;
  /** `command:remote:Command`, `groundwork:k3s:Node`, … */
  readonly type: string;
  /** Logical name: `birch-ready`, `ingress-nginx`, … */
  readonly name: string;
  /** The machine that it belongs to, where it belongs to one. */
  readonly node?: string;
}

/** A resource by its URN: `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`. */
export function resourceName(urn: string, parent?: string): ResourceName {
  const [, , types = "", ...name] = urn.split("::");
  const resource = { urn, type: types.split("$").at(-1) ?? "", name: name.join("::") };
  if (resource.type === NODE) return { ...resource, node: resource.name };
  if (parent?.split("::")[2]?.endsWith(NODE) !== true) return resource;
  return { ...resource, node: resourceName(parent).name };
}

/** A provider that the engine makes by itself, and does not count. */
export function isImplied({ type, name }: ResourceName): boolean {
  return type.startsWith("pulumi:providers:") && name.startsWith("default_");
}

const NODE = "groundwork:k3s:Node";
