import { keepsPodsOff } from "../../config/schema/kubernetesNames";
import type { NodeSettings } from "../../config/settings";

/** Number of nodes that take ordinary pods: those without a taint that keeps them off. */
export function workerCount(nodes: readonly Pick<NodeSettings, "taints">[]): number {
  return nodes.filter((node) => !keepsPodsOff(node.taints)).length;
}
