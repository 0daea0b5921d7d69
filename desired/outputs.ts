import type { Settings } from "../config/settings";
import { defaultStorageClass } from "../config/storageClass";
import { allNodes, type DesiredNodes } from "./nodes";

/** What a stack tells those who use it and is known before `up`. */
export interface PlainOutputs {
  /** URL of the Kubernetes API. */
  readonly apiUrl: string;
  /** Every node in join order, with the k3s version that it is given. */
  readonly nodes: readonly { readonly name: string; readonly role: "server" | "agent"; readonly version: string }[];
  /** Where the ingress controller answers, or the command that tells. */
  readonly ingress: string;
  /** Names of the ClusterIssuers. */
  readonly issuers: readonly string[];
  /** Name of the default StorageClass; empty when there is none. */
  readonly defaultStorageClass: string;
}

/** Decides what the stack tells. */
export function outputsOf(settings: Settings, nodes: DesiredNodes, apiUrl: string): PlainOutputs {
  return {
    apiUrl,
    nodes: allNodes(nodes).map(({ name, role, version }) => ({ name, role, version })),
    ingress: whereIngressAnswers(settings, nodes),
    issuers: Object.keys(settings.issuers).sort(),
    defaultStorageClass: defaultStorageClass(settings) ?? "",
  };
}

/** Only the API knows a load balancer's address; everything else is decided by the settings. */
function whereIngressAnswers({ ingress }: Settings, nodes: DesiredNodes): string {
  if (ingress.controller === "none") return "none";
  const hosts = allNodes(nodes)
    .map(({ settings }) => settings.externalIp ?? settings.address)
    .join(", ");
  if (ingress.hostPorts) return `ports 80 and 443 of ${hosts}`;
  const { http, https } = ingress.nodePorts ?? {};
  if (ingress.serviceType === "NodePort" && http !== undefined && https !== undefined) {
    return `ports ${http} and ${https} of ${hosts}`;
  }
  return "kubectl get service -n ingress-nginx ingress-nginx-controller";
}
