import { addons } from "../addons/all";
import type { Entry } from "../addons/entry";
import { authorityCertificate } from "../addons/cert-manager/issuerObjects";
import { issuersOf } from "../addons/cert-manager/proofs";
import { controllerOf, TRAEFIK } from "../addons/ingress";
import { defaultStorageClass } from "../addons/storageClasses";
import { originOf } from "../config/origin";
import type { Settings } from "../config/settings";
import { primary } from "../config/addresses";
import { allNodes, type DesiredNodes } from "./nodes";

/** What a stack tells those who use it and is known before `up`. */
export interface PlainOutputs {
  /** URL of the Kubernetes API; empty where only its kubeconfig knows. */
  readonly apiUrl: string;
  /** Every node in join order, with the k3s version that it is given. */
  readonly nodes: readonly { readonly name: string; readonly role: "server" | "agent"; readonly version: string }[];
  /** Where the ingress controller answers, or the command that tells. */
  readonly ingress: string;
  /** Name of the IngressClass of the stack's controller, or of the one that k3s brings; empty where there is none. */
  readonly ingressClass: string;
  /** The Gateway of the stack's controller, `namespace/name`; empty where there is none. */
  readonly gateway: string;
  /** Names of the ClusterIssuers. */
  readonly issuers: readonly string[];
  /** The certificate (PEM) of each internal authority, for browsers to trust, or the command that prints it. */
  readonly authorities: Readonly<Record<string, string>>;
  /** Name of the default StorageClass; empty when there is none. */
  readonly defaultStorageClass: string;
}

/** Decides what the stack tells. */
export function outputsOf(settings: Settings, nodes: DesiredNodes | undefined, apiUrl: string): PlainOutputs {
  return {
    apiUrl,
    nodes: allNodes(nodes).map(({ name, role, version }) => ({ name, role, version })),
    ingress: entryOf(settings, nodes)?.text ?? "none",
    ingressClass: ingressClassOf(settings),
    gateway: gatewayOf(settings),
    issuers: Object.keys(settings.issuers).sort(),
    authorities: authoritiesOf(settings),
    defaultStorageClass: defaultStorageClass(settings, addons) ?? "",
  };
}

function ingressClassOf({ ingress, k3s, cluster }: Settings): string {
  if (ingress.controller !== "none") return controllerOf(ingress)?.className ?? "";
  // The class of k3s's own Traefik has its name (k3s: manifests/traefik.yaml).
  return originOf({ cluster }) === "existing" || k3s.disable.includes(TRAEFIK) ? "" : TRAEFIK;
}

function gatewayOf({ ingress }: Settings): string {
  const gateway = controllerOf(ingress)?.gateway;
  return gateway === undefined ? "" : `${gateway.namespace}/${gateway.name}`;
}

function authoritiesOf(settings: Settings): Record<string, string> {
  return Object.fromEntries(issuersOf(settings, "ca").map(([name, each]) => [name, authorityCertificate(name, each)]));
}

/** Where what is reached from outside answers; undefined where nothing is. */
export function entryOf(settings: Settings, nodes: DesiredNodes | undefined): Entry | undefined {
  const hosts = allNodes(nodes).map(({ settings: node }) => ({
    ...node,
    address: primary(node.externalIp) ?? node.address,
  }));
  const controller = addons.find(
    ({ answersAt, isInstalled }) => answersAt !== undefined && isInstalled(settings, addons),
  );
  return controller?.answersAt?.(settings, nodes === undefined ? undefined : hosts);
}
