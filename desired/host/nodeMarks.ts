import { longhornMarks } from "../../addons/longhorn/nodeMarks";
import type { NodeSettings, Settings } from "../../config/settings";

/** What a node has in Kubernetes beside what k3s gives it; of what earlier settings gave, only that is taken off. */
export interface NodeMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
}

/** The settings' own, and what Longhorn reads of a node. */
export function marksOf(settings: Settings, node: NodeSettings): NodeMarks {
  const longhorn = longhornMarks(settings, node);
  return {
    labels: { ...longhorn.labels, ...node.labels },
    annotations: { ...longhorn.annotations, ...node.annotations },
    taints: node.taints,
  };
}

/** As the host program takes them: labels and taints in words, an annotation a line. */
export function markFacts({ labels, annotations, taints }: NodeMarks): Record<string, string> {
  const pairs = (of: Readonly<Record<string, string>>): string[] =>
    Object.entries(of).map(([key, value]) => `${key}=${value}`);
  return {
    labels: pairs(labels).join(" "),
    taints: taints.join(" "),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: pairs(annotations).join("\n") }),
  };
}
