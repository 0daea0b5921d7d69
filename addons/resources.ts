import type { Secret } from "../config/secret";

/** A value of a Kubernetes object: plain data, secrets among it. */
export type Value =
  string | number | boolean | null | undefined | Secret | readonly Value[] | { readonly [key: string]: Value };

interface Common {
  /** Name of its resource in Pulumi's state. It never changes, or the object is deleted and made anew. */
  readonly name: string;
  /** What is there before it; made before it. */
  readonly after: readonly DesiredResource[];
  /** Whether an ordinary `up` refuses to delete it. */
  readonly protect: boolean;
}

/** A Kubernetes object as it is to be. */
export interface DesiredObject extends Common {
  readonly is: "object";
  readonly apiVersion: string;
  readonly kind: string;
  /** Its other fields, as `kubectl get -o yaml` shows them. */
  readonly fields: Readonly<Record<string, Value>>;
  /** Fields that Kubernetes does not let anybody change: then it is deleted first and made anew. */
  readonly fixedFields: readonly string[];
  /** What it is, in a few words for people: `Let's Encrypt staging by HTTP-01`. */
  readonly summary: string | undefined;
}

/** A Helm release as it is to be. Its name and namespace never change: both would fight for the same cluster-wide objects. */
export interface DesiredRelease extends Common {
  readonly is: "release";
  readonly namespace: string;
  readonly chart: ChartSource;
  /** Values of the chart: plain data, secrets among it. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether Helm waits until all that it makes is ready. */
  readonly wait: boolean;
  /** Whether Helm takes a failed installation or upgrade back. */
  readonly atomic: boolean;
  /** How long Helm waits for the release and for each hook, in seconds. */
  readonly timeoutSeconds: number;
  /** Changes when a chart on disk is edited: Helm's provider looks at the inputs only. */
  readonly description: string | undefined;
}

export type DesiredResource = DesiredObject | DesiredRelease;

/** A chart in the words of `helm.v3.Release`. */
export interface ChartSource {
  readonly chart: string;
  readonly version?: string;
  readonly repositoryOpts?: { readonly repo: string };
}

/** Resources that belong together: one component. */
export interface DesiredGroup {
  /** Type of the component: `groundwork:addons:Longhorn`. It is part of every resource's identity and never changes. */
  readonly type: string;
  readonly name: string;
  readonly resources: readonly DesiredResource[];
  readonly groups: readonly DesiredGroup[];
  /** What the component says of itself in the state. */
  readonly outputs: Readonly<Record<string, string | readonly string[]>>;
}

/** What an object is made of; all but its name, kind and fields have a default. */
type ObjectParts = Pick<DesiredObject, "name" | "apiVersion" | "kind" | "fields"> & Partial<DesiredObject>;

/** An object that waits for nothing, is not protected and can be changed in place, unless `parts` says otherwise. */
export function object(parts: ObjectParts): DesiredObject {
  return { is: "object", after: [], protect: false, fixedFields: [], summary: undefined, ...parts };
}

/** Every resource of groups and of those within them, in the order in which they are made. */
export function resourcesOf(groups: readonly DesiredGroup[]): DesiredResource[] {
  return groups.flatMap((group) => [...group.resources, ...resourcesOf(group.groups)]);
}
