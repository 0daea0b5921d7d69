import { createHash } from "node:crypto";
import { familiesOf, type OneOrTwo } from "../../config/addresses";
import { classNameOf, INGRESS_NGINX_PODS } from "../ingress";
import { mergeValues, type HelmValues } from "../mergeValues";
import type { IngressSettings } from "./settings";

/** What ingress-nginx's values depend on besides its own settings. */
export interface IngressContext {
  /** Version of the chart that is installed. */
  readonly chartVersion: string;
  /** Addresses of services (`network.serviceCidr`). */
  readonly serviceCidr: OneOrTwo;
}

/** Values of the ingress-nginx chart 4.15, with a checksum of the controller's configuration on its pods. */
export function ingressNginxValues(settings: IngressSettings, context: IngressContext): HelmValues {
  const values: HelmValues = {
    controller: {
      kind: settings.kind,
      ...(settings.kind === "Deployment" ? { replicaCount: settings.replicas } : {}),
      config: controllerConfig(settings, context.chartVersion),
      ingressClass: classNameOf(settings),
      ingressClassResource: { name: classNameOf(settings), ...keptClass(settings) },
      hostPort: { enabled: settings.hostPorts },
      service: service(settings, context.serviceCidr),
      // Otherwise an Ingress shows the service's cluster address; without it, the nodes that the controllers run on.
      publishService: { enabled: settings.serviceType === "LoadBalancer" },
      ...(settings.tolerations.length === 0 ? {} : { tolerations: settings.tolerations }),
      admissionWebhooks: { enabled: settings.admissionWebhook },
      ...updateStrategy(settings),
      ...(settings.kind === "Deployment" ? spreadAndBudget() : {}),
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
    },
  };
  return mergeValues(values, { controller: { podAnnotations: configChecksum(mergeValues(values, settings.values)) } });
}

/** Entries of the controller's ConfigMap. https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/ */
function controllerConfig(settings: IngressSettings, chartVersion: string): Record<string, string> {
  return {
    "enable-ocsp": String(settings.ocspStapling),
    "use-gzip": String(settings.gzip),
    "worker-processes": String(settings.workerProcesses),
    ...(refusesChallengePaths(chartVersion) ? { "strict-validate-path-type": "false" } : {}),
    ...settings.config,
  };
}

/** A class that Traefik goes on with once the release is gone: Helm would take it along, and Traefik would serve none of its Ingresses. */
function keptClass({ beside }: IngressSettings): HelmValues {
  return beside === undefined ? {} : { annotations: { "helm.sh/resource-policy": "keep" } };
}

/**
 * Whether the admission webhook of this chart's controller refuses cert-manager's HTTP-01 paths ("cannot be used with
 * pathType Exact", cert-manager#7791): a dot in an exact path was not allowed in controllers 1.12.0 to 1.12.5 and
 * 1.13.0 to 1.13.1 (ingress-nginx#13799, #13800). The chart's minor version is the controller's. The pinned one accepts them.
 */
export function refusesChallengePaths(chartVersion: string): boolean {
  const [, minor, patch] = (/^v?4\.(\d+)\.(\d+)/.exec(chartVersion) ?? []).map(Number);
  return (minor === 12 && patch !== undefined && patch <= 5) || (minor === 13 && patch !== undefined && patch <= 1);
}

function service(settings: IngressSettings, serviceCidr: OneOrTwo): HelmValues {
  const families = familiesOf(serviceCidr).map((family) => `IPv${family}`);
  const outside = settings.serviceType !== "ClusterIP";
  return {
    type: settings.serviceType,
    // The API server refuses a traffic policy on a service that is not reached from outside.
    ...(outside ? { externalTrafficPolicy: settings.externalTrafficPolicy } : {}),
    ...(outside && settings.nodePorts !== undefined ? { nodePorts: settings.nodePorts } : {}),
    // The chart asks for one address, and of IPv4, which a cluster with IPv6 services refuses.
    ...(families.length > 1 ? { ipFamilyPolicy: "PreferDualStack" } : {}),
    ...(families.includes("IPv6") ? { ipFamilies: families } : {}),
  };
}

/** With host ports a new pod cannot start beside the old one on its node: the old one goes first, one at a time. */
function updateStrategy(settings: IngressSettings): HelmValues {
  if (settings.kind === "DaemonSet") {
    return { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } } };
  }
  if (!settings.hostPorts) return {};
  return { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } };
}

/** Controllers on different nodes where possible. The chart makes the disruption budget for more than one of them. */
function spreadAndBudget(): HelmValues {
  return {
    maxUnavailable: 1,
    // A controller that is not healthy anyway must not hold up the drain of its node.
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        matchLabelKeys: ["pod-template-hash"],
        labelSelector: {
          matchLabels: INGRESS_NGINX_PODS,
        },
      },
    ],
  };
}

/**
 * The controller reads its ConfigMap anew by itself, but a configuration that nginx refuses is only logged. With the
 * checksum a change is a rollout: Helm waits for pods that run with it, and takes it back when they do not.
 */
function configChecksum(values: HelmValues): Record<string, string> {
  const controller = values["controller"] as HelmValues;
  const entries = Object.entries((controller["config"] ?? {}) as HelmValues).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    "groundwork/config-checksum": createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16),
  };
}
