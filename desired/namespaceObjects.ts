import type { NamespaceSettings } from "../config/settings";
import { K3S_NAMESPACE, TRAEFIK_PODS } from "../addons/ingress";
import { podSecurityLabels } from "../addons/podSecurity";
import type { Value } from "../addons/resources";

/** The part of a NetworkPolicy that says what it does. */
export type NetworkPolicySpec = {
  readonly podSelector: { readonly [key: string]: Value };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Value[];
  readonly egress?: readonly Value[];
};

/** Labels of a namespace: the Pod Security level, and over it what the stack says itself. */
export function namespaceLabels(settings: Pick<NamespaceSettings, "podSecurity" | "labels">): Record<string, string> {
  return { ...podSecurityLabels(settings.podSecurity), ...settings.labels };
}

/** `spec.hard` of a ResourceQuota: quantities are strings in Kubernetes, numbers are welcome in a stack's file. */
export function quotaHard(quota: NamespaceSettings["quota"]): Record<string, string> {
  return Object.fromEntries(Object.entries(quota).map(([resource, quantity]) => [resource, String(quantity)]));
}

/** An entry of a LimitRange's `spec.limits`. */
export type ContainerLimits = NonNullable<NamespaceSettings["limits"]> & { readonly type: "Container" };

/** `spec.limits` of a LimitRange for containers, or undefined where no limit is set. */
export function containerLimits(limits: NamespaceSettings["limits"]): ContainerLimits[] | undefined {
  return limits === undefined || Object.keys(limits).length === 0 ? undefined : [{ type: "Container", ...limits }];
}

const everyPod = {};

/** Pods of one namespace: those with these labels, or all. */
export interface Pods {
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const DNS_PODS: Pods = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };

/** The controller that k3s brings. */
export const traefikPods: Pods = { namespace: K3S_NAMESPACE, labels: TRAEFIK_PODS };

function peer({ namespace, labels }: Pods): { readonly [key: string]: Value } {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(labels === undefined ? {} : { podSelector: { matchLabels: labels } }),
  };
}

/** Lets these pods reach every pod of a namespace. */
export function allowFrom(pods: readonly Pods[]): NetworkPolicySpec {
  return { podSelector: everyPod, policyTypes: ["Ingress"], ingress: [{ from: pods.map(peer) }] };
}

/**
 * The policies of a namespace that denies by default, by name: policies only ever add up, so each names one exception.
 * cert-manager's HTTP-01 solver is one because its pods run in the namespace of the certificate and are asked from the
 * ingress controller's: without it every certificate in the namespace would wait for ever.
 */
export const denyByDefault: Readonly<Record<string, NetworkPolicySpec>> = {
  "default-deny": { podSelector: everyPod, policyTypes: ["Ingress", "Egress"] },
  "allow-dns": {
    podSelector: everyPod,
    policyTypes: ["Egress"],
    egress: [
      {
        to: [peer(DNS_PODS)],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ],
  },
  "allow-same-namespace": {
    podSelector: everyPod,
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: everyPod }] }],
    egress: [{ to: [{ podSelector: everyPod }] }],
  },
  "allow-acme-http01": {
    podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
    policyTypes: ["Ingress"],
    ingress: [{ ports: [{ protocol: "TCP", port: 8089 }] }],
  },
};
