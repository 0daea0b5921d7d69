import { API_PORT, hostPort } from "../config/addresses";
import type { Settings } from "../config/settings";

/** Where the API is reached. */
export interface Endpoints {
  /** By people and by this program: what the exported kubeconfig names. */
  readonly url: string;
  /** By nodes that join: host:port. */
  readonly join: string;
}

/** The API by its own names where the stack gives it some, otherwise the first server's addresses. */
export function endpointsOf({ cluster }: Settings, first: Settings["nodes"][number]): Endpoints {
  return {
    url: `https://${hostPort(cluster.apiAddress ?? first.address, API_PORT)}`,
    join: hostPort(cluster.joinAddress ?? cluster.apiAddress ?? first.internalIp ?? first.address, API_PORT),
  };
}
