import { object, type DesiredGroup, type DesiredObject, type DesiredRelease } from "./resources";
import { podSecurityLabels, type PodSecurityLevel } from "./podSecurity";
import { chartDescription } from "./chartDigest";
import { chartSource, type ChartDefaults, type ChartOverrides } from "./chartSource";
import { mergeValues, type HelmValues } from "./mergeValues";

/** What a stack says of every add-on (`chartSource` of the settings). */
export interface AddonSettings extends ChartOverrides {
  /** Chart values laid over ours. */
  readonly values: HelmValues;
  /** How long Helm waits for the release and for each hook, in seconds. */
  readonly timeoutSeconds: number;
}

/** What an add-on by Helm is made of. */
export interface HelmAddonParts {
  /** Type of its component: `groundwork:addons:Longhorn`. */
  readonly type: string;
  /** Name of its component. */
  readonly name: string;
  /** Namespace of the release, which is the add-on's own. */
  readonly namespace: string;
  /** Pod Security level that the add-on's pods need. */
  readonly podSecurity: PodSecurityLevel;
  /** Its name is also the name of the release, and of its resource. */
  readonly chart: ChartDefaults;
  readonly settings: AddonSettings;
  /** Our values, before the stack's own are laid over them. */
  readonly values: HelmValues;
  /** Whether it is refused to delete: where volumes or what finds them would be lost with it. Default: false. */
  readonly protect?: boolean;
  /** Whether Helm takes a failed installation or upgrade back. Default: true. */
  readonly atomic?: boolean;
}

/**
 * An add-on: one Helm release in a namespace of its own.
 *
 * The namespace is a resource and not `createNamespace: true`, for Helm neither labels nor ever deletes the one it makes.
 */
export function helmAddon(parts: HelmAddonParts): { readonly group: DesiredGroup; readonly release: DesiredRelease } {
  const { settings, protect = false } = parts;
  const namespace = addonNamespace(parts.namespace, parts.podSecurity, protect);
  const release: DesiredRelease = {
    is: "release",
    name: parts.chart.chart,
    namespace: parts.namespace,
    chart: chartSource(parts.chart, settings),
    values: mergeValues(parts.values, settings.values),
    atomic: parts.atomic ?? true,
    wait: true,
    timeoutSeconds: settings.timeoutSeconds,
    description: settings.chart === undefined ? undefined : chartDescription(settings.chart),
    after: [namespace],
    protect,
  };
  const group: DesiredGroup = {
    type: parts.type,
    name: parts.name,
    resources: [namespace, release],
    groups: [],
    outputs: { release: parts.chart.chart },
  };
  return { group, release };
}

/** A namespace of an add-on, with the Pod Security level that its pods need. */
export function addonNamespace(name: string, level: PodSecurityLevel, protect = false): DesiredObject {
  const fields = { metadata: { name, labels: podSecurityLabels(level) } };
  return object({ name, apiVersion: "v1", kind: "Namespace", fields, protect });
}
