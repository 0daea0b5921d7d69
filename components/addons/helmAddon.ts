import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inCluster, type ClusterTarget } from "../clusterTarget";
import { chartDigest } from "./chartDigest";
import { chartSource, isChartPath, type ChartDefaults, type ChartOverrides } from "./chartSource";
import { mergeValues, type HelmValues } from "./mergeValues";
import { podSecurityLabels, type PodSecurityLevel } from "../namespaces/podSecurity";

/** What a stack says of every add-on (`chartSource` of the settings). */
export interface AddonSettings extends ChartOverrides {
  /** Chart values laid over ours. */
  readonly values: HelmValues;
  /** How long Helm waits for the release and for each hook, in seconds. */
  readonly timeoutSeconds: number;
}

/** What an add-on is made of. */
export interface HelmAddonArgs {
  /** Name of the release; also the name of its resource. */
  readonly release: string;
  /** Namespace of the release, which is the add-on's own. */
  readonly namespace: string;
  /** Pod Security level that the add-on's pods need. */
  readonly podSecurity: PodSecurityLevel;
  readonly chart: ChartDefaults;
  readonly settings: AddonSettings;
  /** Our values, before the stack's own are laid over them. */
  readonly values: HelmValues;
  /** Whether volumes or what finds them would be lost with it: then it is protected where the stack protects its data. Default: false. */
  readonly holdsData?: boolean;
  /** Whether Helm takes a failed installation or upgrade back. Default: true. */
  readonly atomic?: boolean;
  readonly target: ClusterTarget;
}

/** Revisions that Helm keeps for `helm rollback`; the provider's default keeps every one, a Secret each. */
const MAX_HISTORY = 10;

/**
 * An add-on: one Helm release in a namespace of its own.
 *
 * The namespace is a resource and not `createNamespace: true`, for Helm neither labels nor ever deletes the one it makes.
 * Name and namespace of a release are fixed, because changing either replaces it: Helm would install the second before
 * it removes the first, and both would fight for the same cluster-wide objects.
 */
export class HelmAddon extends pulumi.ComponentResource {
  readonly namespace: kubernetes.core.v1.Namespace;
  /** Created once every pod is ready and every hook has succeeded. */
  readonly release: kubernetes.helm.v3.Release;

  /** Sub-classes create what else they have and then call `registerOutputs`. */
  protected constructor(type: string, name: string, args: HelmAddonArgs, opts?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
    const { target } = args;
    const protect = args.holdsData === true && target.protect;
    this.namespace = new kubernetes.core.v1.Namespace(
      args.namespace,
      { metadata: { name: args.namespace, labels: podSecurityLabels(args.podSecurity) } },
      inCluster(target, this, { protect }),
    );
    const atomic = args.atomic ?? true;
    this.release = new kubernetes.helm.v3.Release(
      args.release,
      {
        name: args.release,
        // The plain name and not the namespace's output, which is unknown in a preview before the cluster exists:
        // the provider checks a chart only when every input is known.
        namespace: args.namespace,
        ...chartSource(args.chart, args.settings),
        ...localChartDescription(args.settings.chart),
        values: mergeValues(args.values, args.settings.values),
        atomic,
        cleanupOnFail: atomic,
        timeout: args.settings.timeoutSeconds,
        maxHistory: MAX_HISTORY,
      },
      inCluster(target, this, { protect, dependsOn: [this.namespace] }),
    );
  }
}

/** Makes an edit of a chart on disk a change of the release, see {@link chartDigest}. */
function localChartDescription(chart: string | undefined): { description?: string } {
  if (chart === undefined || !isChartPath(chart)) return {};
  const digest = chartDigest(chart);
  return digest === undefined ? {} : { description: `chart sha256:${digest.slice(0, 16)}` };
}
