import { isLabelValue, isQualifiedName, parseTaint } from "../schema/kubernetesNames";
import { pathText } from "../problem";
import type { NamespaceSettings } from "../settings";
import { error, listed, warning, type Check, type Finding } from "./check";

const KUBERNETES_OWN = ["default", "kube-system", "kube-public", "kube-node-lease"];
const QUANTITY = /^[+-]?(\d+(\.\d*)?|\.\d+)(m|k|[KMGTPE]i?|n|u|[eE][+-]?\d+)?$/;

/** Kubernetes's own namespaces are not ours to create or remove. */
export const ownNamespaces: Check = ({ namespaces }) =>
  Object.keys(namespaces)
    .filter((name) => KUBERNETES_OWN.includes(name))
    .map((name) =>
      error(pathText(["namespaces", name]), "is a namespace of Kubernetes itself", "write a namespace of your own"),
    );

/** Quotas and limits are quantities (kubernetes: apimachinery, resource.Quantity). */
export const quantities: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { quota, limits }]) => [
    ...quantity(["namespaces", name, "quota"], quota),
    ...(["default", "defaultRequest", "max", "min"] as const).flatMap((key) =>
      quantity(["namespaces", name, "limits", key], limits?.[key] ?? {}),
    ),
  ]);

/** Pods that ask for nothing of what a quota counts are refused (kubernetes.io/docs/concepts/policy/resource-quotas). */
export const quotaDefaults: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { quota, limits }]) => {
    const without = Object.keys(quota).filter((key) => {
      const [, kind = "requests", resource] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(key) ?? [];
      return resource !== undefined && !hasDefault(limits, kind as "requests" | "limits", resource);
    });
    if (without.length === 0) return [];
    return [
      warning(
        pathText(["namespaces", name, "quota"]),
        `counts ${listed(without)}, so pods that do not say theirs are refused`,
        "write what a container gets that says nothing, in limits: default and defaultRequest, e.g. defaultRequest: { cpu: 50m }",
      ),
    ];
  });

/** Labels have the form that Kubernetes takes. */
export const labels: Check = ({ nodes, namespaces }) => [
  ...nodes.flatMap((node, index) => label(["nodes", index, "labels"], node.labels)),
  ...Object.entries(namespaces).flatMap(([name, namespace]) => label(["namespaces", name, "labels"], namespace.labels)),
];

/** Taints have the form that Kubernetes takes, and each key with its effect stands once. */
export const taints: Check = ({ nodes }) =>
  nodes.flatMap((node, index) => {
    const seen = new Set<string>();
    return node.taints.flatMap((text, place): Finding[] => {
      const at = `nodes[${index}].taints[${place}]`;
      const taint = parseTaint(text);
      if (taint === undefined) {
        const remedy =
          "write key=value:NoSchedule, PreferNoSchedule or NoExecute, e.g. example.org/gpu=true:NoSchedule";
        return [error(at, `"${text}" is not a taint`, remedy)];
      }
      const id = `${taint.key}:${taint.effect}`;
      if (seen.has(id)) return [error(at, `'${id}' is there already`, "write each key once for each effect")];
      seen.add(id);
      return [];
    });
  });

export const kubernetesObjectChecks: readonly Check[] = [ownNamespaces, quantities, quotaDefaults, labels, taints];

/**
 * Whether a LimitRange gives a container its request or limit: a request by default is the limit's default, or the least;
 * a limit by default is the most (kubernetes: pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem).
 */
function hasDefault(limits: NamespaceSettings["limits"], kind: "requests" | "limits", resource: string): boolean {
  const from =
    kind === "limits" ? (["default", "max"] as const) : (["defaultRequest", "default", "max", "min"] as const);
  return from.some((key) => limits?.[key]?.[resource] !== undefined);
}

function quantity(path: readonly (string | number)[], values: Readonly<Record<string, string | number>>): Finding[] {
  return Object.entries(values)
    .filter(([, value]) => !QUANTITY.test(String(value)))
    .map(([name, value]) =>
      error(pathText([...path, name]), `"${value}" is not a quantity`, "write one like 500m, 4 or 8Gi"),
    );
}

function label(path: readonly (string | number)[], values: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(values).flatMap(([key, value]): Finding[] => {
    const at = pathText([...path, key]);
    if (!isQualifiedName(key)) return [error(at, "is not a label's name", "write one like example.org/disk")];
    if (isLabelValue(value)) return [];
    return [
      error(
        at,
        `"${value}" is not a label's value`,
        "write at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
      ),
    ];
  });
}
