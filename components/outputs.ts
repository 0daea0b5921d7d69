import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings";
import { defaultStorageClass } from "../config/storageClass";
import type { Inventory } from "../inventory/inventory";
import type { K3sCluster } from "./k3s/cluster";
import { nodeVersion } from "./k3s/nodePlan";

/** What a stack tells those who use it (`pulumi stack output`). */
export interface StackOutputs {
  /** Kubeconfig with the API's address from outside and a context named after the cluster; secret. */
  readonly kubeconfig: pulumi.Output<string>;
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

/** Gathers the outputs of the whole program. */
export function outputsOf(parts: {
  readonly settings: Settings;
  readonly inventory: Inventory;
  readonly cluster: K3sCluster;
}): StackOutputs {
  const { settings, inventory, cluster } = parts;
  return {
    kubeconfig: cluster.kubeconfig,
    apiUrl: cluster.apiUrl,
    nodes: inventory.nodes.map((node) => ({
      name: node.name,
      role: node.role,
      version: nodeVersion(settings, node),
    })),
    ingress: whereIngressAnswers(settings, inventory),
    issuers: Object.keys(settings.issuers).sort(),
    defaultStorageClass: defaultStorageClass(settings) ?? "",
  };
}

/** Only the API knows a load balancer's address; everything else is decided by the settings. */
function whereIngressAnswers(settings: Settings, inventory: Inventory): string {
  const { ingress } = settings;
  if (ingress.controller === "none") return "none";
  const hosts = inventory.nodes.map((node) => node.settings.externalIp ?? node.settings.address).join(", ");
  if (ingress.hostPorts) return `ports 80 and 443 of ${hosts}`;
  if (
    ingress.serviceType === "NodePort" &&
    ingress.nodePorts?.http !== undefined &&
    ingress.nodePorts.https !== undefined
  ) {
    return `ports ${String(ingress.nodePorts.http)} and ${String(ingress.nodePorts.https)} of ${hosts}`;
  }
  return "kubectl get service -n ingress-nginx ingress-nginx-controller";
}
