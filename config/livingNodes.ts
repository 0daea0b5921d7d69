import type { NodeSettings, Settings } from "./settings";

/** The settings without the machines that are lost: what the cluster consists of from now on. */
export function ofLivingNodes(settings: Settings): Settings {
  return { ...settings, nodes: settings.nodes.filter((node) => !node.lost) };
}

/** The machines that are lost, in the stack's order. */
export function lostNodes({ nodes }: Settings): NodeSettings[] {
  return nodes.filter((node) => node.lost);
}
