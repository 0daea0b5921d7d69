import { createHash } from "node:crypto";
import { hostPort, isLoopback, primary } from "../config/addresses";
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
  return primary(internalIp) ?? address;
}

function endpoint(text: string, port: number): string {
  const given = hostAndPort(text);
  return hostPort(given?.host ?? text, given?.port ?? port);
}

/** The way to the API through SSH to a server. */
export interface ApiTunnel {
  /** Port on 127.0.0.1 of the machine that this runs on: the same in every run, for it stands in the kubeconfig. */
  readonly port: number;
  /** Port of the API on the server itself. */
  readonly apiPort: number;
}

/** How the API is reached where nothing but SSH gets in; undefined where it is dialled directly. */
export function apiTunnelOf({ cluster, stack }: Settings, project: string): ApiTunnel | undefined {
  if (cluster.apiThrough !== "ssh") return undefined;
  const number = createHash("sha256").update(`${project}/${stack}`).digest().readUInt16BE(0);
  return { port: cluster.tunnelPort ?? 20_000 + (number % 10_000), apiPort: cluster.apiPort };
}
