import { hostPort, isLoopback } from "../config/addresses";
import { hostAndPort } from "../config/schema/scalars";
import type { NodeSettings, Settings } from "../config/settings";

/** URL of the API for people and for this program: what the exported kubeconfig names. */
export function apiUrlOf({ cluster }: Settings, first: NodeSettings): string {
  return `https://${endpoint(cluster.apiAddress ?? cluster.virtualIp?.address ?? first.address, cluster.apiPort)}`;
}

/**
 * host:port of the API that a node may join through, in the order in which they are tried: the address for all of them where there
 * is one, then each server of its own. Which of them lives, only the host can tell.
 *
 * @param servers The servers but the node itself.
 */
export function joinsOf({ cluster }: Settings, servers: readonly NodeSettings[]): string[] {
  const shared = cluster.joinAddress ?? cluster.apiAddress ?? cluster.virtualIp?.address;
  return [
    ...new Set([
      ...(shared === undefined ? [] : [endpoint(shared, cluster.apiPort)]),
      ...servers.map(insideAddress).flatMap((host) => (isLoopback(host) ? [] : [hostPort(host, cluster.apiPort)])),
    ]),
  ];
}

/** host:port of servers as other nodes reach them. */
export function apisOf({ cluster }: Settings, servers: readonly NodeSettings[]): string[] {
  return servers.map((server) => hostPort(insideAddress(server), cluster.apiPort));
}

function insideAddress({ internalIp, address }: NodeSettings): string {
  return internalIp ?? address;
}

function endpoint(text: string, port: number): string {
  const given = hostAndPort(text);
  return hostPort(given?.host ?? text, given?.port ?? port);
}
