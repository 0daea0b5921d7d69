import { Secret } from "../config/secret";

/** The fields of an object; a value that is secret, or known only after `up`, is none of the plain kinds. */
export type Fields = Readonly<Record<string, unknown>>;

/** A Kubernetes object as the rules see it, wherever it comes from. */
export interface PolicyObject {
  readonly kind: string;
  /** Empty for one without a namespace. */
  readonly namespace: string;
  readonly name: string;
  /** Its other fields, as `kubectl get -o yaml` shows them. */
  readonly fields: Fields;
}

/** Kinds that the rules look at and that have no namespace. */
const WITHOUT_NAMESPACE = ["ClusterIssuer", "Namespace"];

/** An object from its manifest; a name that is left out is the one of its resource. */
export function policyObject(manifest: Fields, resource = ""): PolicyObject {
  const { namespace, name, annotations } = group(manifest["metadata"]);
  const kind = text(manifest["kind"]) ?? "";
  // The provider makes such a name up: another one each time that the object is made anew.
  const isMadeUp = group(annotations)["pulumi.com/autonamed"] !== undefined;
  return {
    kind,
    namespace: WITHOUT_NAMESPACE.includes(kind) ? "" : (text(namespace) ?? "default"),
    name: (isMadeUp ? undefined : text(name)) ?? resource,
    fields: manifest,
  };
}

/** `Deployment shop/web`, as an exception names it. */
export function placeOf({ kind, namespace, name }: PolicyObject): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** What stands for a value that is not known yet. */
export const UNKNOWN: Fields = Object.freeze({});

/** Whether nothing can be said of a value: it is not known yet, or a secret. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN || value instanceof Secret;
}

/** A group of fields; nothing where there is none. */
export function group(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A list of groups of fields. */
export function groups(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(group) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The texts of a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
