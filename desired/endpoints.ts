import type { Settings } from "../config/settings";

/** Port of the Kubernetes API and of k3s's supervisor, through which nodes join. */
const API_PORT = 6443;

/** host:6443, with brackets around an IPv6 address. */
export function apiHostPort(host: string): string {
  return `${bracketed(host)}:${API_PORT}`;
}

/** https://host:6443, with brackets around an IPv6 address. */
export function apiUrl(host: string): string {
  return `https://${apiHostPort(host)}`;
}

/** A host as it stands in front of a port. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Where the API is reached. */
export interface Endpoints {
  /** By people and by this program: what the exported kubeconfig names. */
  readonly url: string;
  /** By nodes that join: host:port. */
  readonly join: string;
}

/** The API by its own name where the stack gives it one, otherwise the first server's addresses. */
export function endpointsOf({ cluster }: Settings, first: Settings["nodes"][number]): Endpoints {
  return {
    url: apiUrl(cluster.apiAddress ?? first.address),
    join: apiHostPort(cluster.apiAddress ?? first.internalIp ?? first.address),
  };
}
