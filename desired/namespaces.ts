import type { NamespaceSettings, Settings } from "../config/settings";
import { containerLimits, denyByDefault, namespaceLabels, quotaHard } from "./namespaceObjects";
import { object, type DesiredGroup, type DesiredObject } from "../addons/resources";

/** Namespaces that Kubernetes makes itself and does not let go: their labels are added, and taken back at the end. */
const BUILT_IN = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** Namespaces with their quotas, limits and network policies: `<namespace>`, `<namespace>-quota`, `<namespace>-limits`, `<namespace>-<policy>`. */
export function namespacesGroup({ namespaces, cluster }: Settings): DesiredGroup {
  return {
    type: "groundwork:namespaces:Namespaces",
    name: "namespaces",
    resources: Object.entries(namespaces).flatMap(([name, settings]) => objectsOf(name, settings, cluster.protect)),
    groups: [],
    outputs: { names: Object.keys(namespaces) },
  };
}

function objectsOf(namespace: string, settings: NamespaceSettings, protect: boolean): DesiredObject[] {
  const isBuiltIn = BUILT_IN.has(namespace);
  const itself = object({
    name: namespace,
    apiVersion: "v1",
    kind: isBuiltIn ? "NamespacePatch" : "Namespace",
    fields: { metadata: { name: namespace, labels: namespaceLabels(settings) } },
    // With a namespace goes everything in it, volumes too.
    protect: protect && !isBuiltIn,
  });
  const within = (
    name: string,
    apiVersion: string,
    kind: string,
    spec: DesiredObject["fields"][string],
  ): DesiredObject =>
    object({
      name: `${namespace}-${name}`,
      apiVersion,
      kind,
      fields: { metadata: { name, namespace }, spec },
      after: [itself],
    });
  const hard = quotaHard(settings.quota);
  const limits = containerLimits(settings.limits);
  return [
    itself,
    ...(Object.keys(hard).length === 0 ? [] : [within("quota", "v1", "ResourceQuota", { hard })]),
    ...(limits === undefined ? [] : [within("limits", "v1", "LimitRange", { limits })]),
    ...(settings.defaultDeny
      ? Object.entries(denyByDefault).map(([policy, spec]) =>
          within(policy, "networking.k8s.io/v1", "NetworkPolicy", spec),
        )
      : []),
  ];
}
