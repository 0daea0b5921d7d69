import { addons } from "../addons/all";
import { defaultStorageClass } from "../addons/storageClasses";
import type { Settings } from "../config/settings";
import { allNodes, type DesiredNodes } from "./nodes";

/** What a stack tells those who use it and is known before `up`. */
export interface PlainOutputs {
  /** URL of the Kubernetes API; empty where only its kubeconfig knows. */
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
export function outputsOf(settings: Settings, nodes: DesiredNodes | undefined, apiUrl: string): PlainOutputs {
  return {
    apiUrl,
    nodes: allNodes(nodes).map(({ name, role, version }) => ({ name, role, version })),
    ingress: whereIngressAnswers(settings, nodes),
    issuers: Object.keys(settings.issuers).sort(),
    defaultStorageClass: defaultStorageClass(settings, addons) ?? "",
  };
}

function whereIngressAnswers(settings: Settings, nodes: DesiredNodes | undefined): string {
  const hosts =
    nodes === undefined
      ? ["the cluster's nodes"]
      : [...new Set(allNodes(nodes).map((node) => node.settings.externalIp ?? node.settings.address))];
  const controller = addons.find(
    ({ answersAt, isInstalled }) => answersAt !== undefined && isInstalled(settings, addons),
  );
  return controller?.answersAt?.(settings, hosts) ?? "none";
}
