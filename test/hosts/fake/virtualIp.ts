import type { Answer } from "../sandbox/gateway";
import type { Cluster } from "./cluster";
import type { Files } from "./files";

/** What of the world tells who has the virtual IP. */
interface Around {
  readonly cluster: Cluster;
  readonly files: Files;
  readonly taken: ReadonlySet<string>;
  readonly k3s: { readonly apiUp: boolean };
  readonly systemd: { readonly unit: (name: string) => { readonly state: string } };
}

/** In the network of the hosts only machines answer; what is elsewhere always does. */
export function answersPing({ taken, cluster }: Around, address: string): boolean {
  return !address.startsWith("192.0.2.") || taken.has(address) || cluster.others.get(address)?.alive === true;
}

/** Whether this host was told of an address as the virtual one. */
export function isVirtualIp({ files }: Around, host: string): boolean {
  return files.read("/etc/groundwork/keepalived.conf")?.includes(` ${host}/`) === true;
}

/** By this host, or by any other server that lives. */
export function isVirtualIpHeld({ systemd, k3s, cluster }: Around): boolean {
  const here = systemd.unit("groundwork-vip").state === "active" && k3s.apiUp;
  return here || [...cluster.others.values()].some(({ alive }) => alive);
}

/** `ip route get` for an address behind a router; undefined for every other question. */
export function routeGet(
  routed: ReadonlySet<string>,
  [object, verb, address = ""]: readonly string[],
): Answer | undefined {
  if (object !== "route" || verb !== "get" || !routed.has(address)) return undefined;
  return { code: 0, out: `${address} via 192.0.2.254 dev eth0 src 192.0.2.1\n`, err: "" };
}
