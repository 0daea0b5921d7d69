import type { NodeSettings, Settings } from "./settings";

/** The interface of a server that carries the virtual IP when that server holds it. */
export function virtualIpInterface({ cluster, network }: Settings, node: NodeSettings): string | undefined {
  return cluster.virtualIp?.interface ?? node.interface ?? network.interface;
}
