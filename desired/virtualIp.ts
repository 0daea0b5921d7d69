import { addressBlock, familyOf, ofFamily, primary } from "../config/addresses";
import type { NodeSettings, Settings } from "../config/settings";
import { virtualIpInterface } from "../config/virtualIp";

/** The virtual IP of the API as one server takes part in it. */
export interface VirtualIp {
  readonly address: string;
  /** Length of its prefix. */
  readonly prefix: number;
  /** Interface that carries it. */
  readonly interface: string;
  /** VRRP's virtual router id, 1 to 255. */
  readonly routerId: number;
  /** Of two servers that both could take the address, the higher one does. */
  readonly priority: number;
  /** This server's own address there. */
  readonly own: string;
  /** Those of the other servers. */
  readonly others: readonly string[];
}

/** Decides how a server takes part; undefined for an agent, and where the stack has no virtual IP. */
export function virtualIpOf(
  settings: Settings,
  node: NodeSettings,
  servers: readonly NodeSettings[],
): VirtualIp | undefined {
  const { virtualIp } = settings.cluster;
  const carrier = virtualIpInterface(settings, node);
  if (virtualIp === undefined || node.role !== "server" || carrier === undefined) return undefined;
  const { address, prefix, routerId } = virtualIp;
  const family = familyOf(address);
  const inside = ({ internalIp, address: otherwise }: NodeSettings): string =>
    ofFamily(internalIp, family) ?? primary(internalIp) ?? otherwise;
  return {
    address,
    prefix: prefix ?? (addressBlock(address)?.family === 6 ? 128 : 32),
    interface: carrier,
    routerId: routerId ?? lastNumber(address),
    priority: 200 - servers.indexOf(node),
    own: inside(node),
    others: servers.filter((server) => server !== node).map(inside),
  };
}

/** Two clusters of one segment have different addresses, and so different ids. */
function lastNumber(address: string): number {
  const last = Number(/^[\d.]+\.(\d+)$/.exec(address)?.[1] ?? 51);
  return last === 0 ? 51 : last;
}
