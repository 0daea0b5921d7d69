import { isLabelValue, isQualifiedName, parseTaint } from "../schema/kubernetesNames";
import { pathText } from "../problem";
import { error, type Check, type Finding } from "./check";

const KUBERNETES_OWN = ["kube-system", "kube-public", "kube-node-lease"];

/** What Kubernetes runs itself is not ours to limit or to close; `default` is for everybody's pods, and never deleted. */
export const ownNamespaces: Check = ({ namespaces }) =>
  Object.keys(namespaces)
    .filter((name) => KUBERNETES_OWN.includes(name))
    .map((name) =>
      error(
        pathText(["namespaces", name]),
        "is a namespace of Kubernetes itself",
        "write a namespace of your own, or default",
      ),
    );

/** Labels have the form that Kubernetes takes. */
export const labels: Check = ({ nodes, namespaces }) => [
  ...nodes.flatMap((node, index) => label(["nodes", index, "labels"], node.labels)),
  ...Object.entries(namespaces).flatMap(([name, namespace]) => label(["namespaces", name, "labels"], namespace.labels)),
];

/** What k3s, flannel and Groundwork write on a node themselves. */
const OTHERS_ANNOTATIONS = /^(groundwork|k3s\.io|etcd\.k3s\.cattle\.io|flannel\.alpha\.coreos\.com)\//;

/** Annotations have the form that Kubernetes takes, one line each, and nobody else writes them. */
export const annotations: Check = ({ nodes }) =>
  nodes.flatMap((node, index) =>
    Object.entries(node.annotations).flatMap(([key, value]): Finding[] => {
      const at = pathText(["nodes", index, "annotations", key]);
      if (!isQualifiedName(key)) return [error(at, "is not an annotation's name", "write one like example.org/rack")];
      if (OTHERS_ANNOTATIONS.test(key)) {
        return [error(at, "is written by k3s or Groundwork itself", "write one with a prefix of your own")];
      }
      if (/[\n\r\0]/.test(value)) return [error(at, "has more than one line", "write it in one, e.g. as JSON")];
      return [];
    }),
  );

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

export const kubernetesObjectChecks: readonly Check[] = [ownNamespaces, labels, annotations, taints];

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
