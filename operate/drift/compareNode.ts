import type { DesiredNode } from "../../desired/nodes";
import type { KubeNode, Taint } from "../kubeObjects";
import type { Drift } from "./finding";

const REPAIR = "groundwork drift --repair, then up";

/** All that a node has in Kubernetes otherwise than the stack file says. Pure. */
export function compareNode(node: DesiredNode, known: KubeNode | undefined): Drift[] {
  const drift = (check: string, mendedBy: Drift["mendedBy"], message: string, remedy = REPAIR): Drift => {
    return { check, where: node.name, level: "error", message, remedy, mendedBy };
  };
  if (known === undefined) {
    return [
      drift("member", "up", "it is not a member of the cluster", "groundwork drift --repair, then up; it joins again"),
    ];
  }
  const { version } = node;
  const running = known.status.nodeInfo?.kubeletVersion ?? "";
  return [
    ...(running === version || running === ""
      ? []
      : [drift("version", "drained up", `k3s ${running} runs, expected ${version}`)]),
    ...compareLabels(node, known).map((message) => drift("label", "up", message)),
    ...compareAnnotations(node, known).map((message) => drift("annotation", "up", message)),
    ...compareTaints(node, known).map((message) => drift("taint", "up", message)),
  ];
}

function compareLabels({ marks }: DesiredNode, { metadata }: KubeNode): string[] {
  return Object.entries(marks.labels).flatMap(([key, value]) => {
    const now = metadata.labels?.[key];
    if (now === value) return [];
    return [now === undefined ? `label ${key}=${value} is missing` : `label ${key} is ${now}, expected ${value}`];
  });
}

function compareAnnotations({ marks }: DesiredNode, { metadata }: KubeNode): string[] {
  return Object.entries(marks.annotations).flatMap(([key, value]) => {
    const now = metadata.annotations?.[key];
    if (now === value) return [];
    return [now === undefined ? `annotation ${key} is missing` : `annotation ${key} is '${now}', expected '${value}'`];
  });
}

function compareTaints({ settings }: DesiredNode, { spec }: KubeNode): string[] {
  return settings.taints.flatMap((text) => {
    const wanted = taintOf(text);
    const now = spec.taints?.find(({ key, effect }) => key === wanted.key && effect === wanted.effect);
    if (now === undefined) return [`taint ${text} is missing`];
    if ((now.value ?? "") === (wanted.value ?? "")) return [];
    return [
      `taint ${wanted.key}:${wanted.effect} has the value ${now.value ?? "''"}, expected ${wanted.value ?? "''"}`,
    ];
  });
}

/** `key=value:Effect` or `key:Effect`, as kubectl reads it. */
function taintOf(text: string): Taint {
  const [left = "", effect = ""] = text.split(/:(?=[^:]*$)/);
  const [key = "", value] = left.split(/=(.*)/s);
  return value === undefined || value === "" ? { key, effect } : { key, value, effect };
}
