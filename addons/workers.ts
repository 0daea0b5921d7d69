import { keepsPodsOff } from "../config/schema/kubernetesNames";
import type { NodeSettings } from "../config/settings";

/** The nodes that take ordinary pods: those without a taint that keeps them off. */
export function workers<T extends Pick<NodeSettings, "taints">>(nodes: readonly T[]): T[] {
  return nodes.filter((node) => !keepsPodsOff(node.taints));
}
