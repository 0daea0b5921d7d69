import { API_PORT, hostPort } from "../config/addresses";
import { createHash } from "node:crypto";
import type { Settings } from "../config/settings";

/** Where the API is reached. */
export interface Endpoints {
  /** By people and by this program: what the exported kubeconfig names. */
  readonly url: string;
  /** By nodes that join: host:port. */
  readonly join: string;
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
  return { port: cluster.tunnelPort ?? 20_000 + (number % 10_000), apiPort: API_PORT };
}

/** The API by its own names where the stack gives it some, otherwise the first server's addresses. */
export function endpointsOf({ cluster }: Settings, first: Settings["nodes"][number]): Endpoints {
  return {
    url: `https://${hostPort(cluster.apiAddress ?? first.address, API_PORT)}`,
    join: hostPort(cluster.joinAddress ?? cluster.apiAddress ?? first.internalIp ?? first.address, API_PORT),
  };
}
