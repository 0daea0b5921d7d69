import type { NodeSettings, Settings } from "./settings";

/** The interface that flannel and a node use: its own setting, the stack's, or the mesh's; undefined for the default route's. */
export function nodeInterface({ network }: Pick<Settings, "network">, node: NodeSettings): string | undefined {
  return node.interface ?? network.interface ?? network.wireguard?.interface;
}
