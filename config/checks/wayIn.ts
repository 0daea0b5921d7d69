import { addressBlock, familyOf, isLoopback, overlap, each, ofFamily, primary } from "../addresses";
import { hostAndPort } from "../schema/scalars";
import type { NodeSettings, Settings } from "../settings";
import { virtualIpInterface } from "../virtualIp";
import { error, listed, type Check, type Finding } from "./check";

/** What else listens on a server, whatever its address (docs.k3s.io/installation/requirements, Inbound Rules and Local Ports). */
const TAKEN: Readonly<Record<number, string>> = {
  2379: "etcd",
  2380: "etcd",
  2381: "etcd's metrics",
  10010: "containerd",
  10248: "the kubelet",
  10249: "kube-proxy",
  10250: "the kubelet",
  10256: "kube-proxy",
  10257: "kube-controller-manager",
  10258: "the cloud controller",
  10259: "kube-scheduler",
};

/** The API's port and the one after it, which k3s takes for the API server behind it, are nobody else's (k3s-io/k3s pkg/daemons/control). */
export const apiPort: Check = ({ cluster, ingress, k3s }) => {
  const { apiPort: port } = cluster;
  const remedy = "write another port, e.g. 6443";
  const own = [port, port + 1].flatMap((one) => {
    const user = TAKEN[one];
    if (user === undefined) return [];
    const which = one === port ? `${port} is` : `k3s takes the port after ${port} as well, and ${one} is`;
    return [error("cluster.apiPort", `${which} that of ${user}`, remedy)];
  });
  if (port === 65535) {
    own.push(error("cluster.apiPort", "65535 leaves no port after it, which k3s takes as well", remedy));
  }
  if (port !== 80 && port !== 443) return own;
  const taker =
    ingress.controller !== "none" && ingress.hostPorts
      ? "ingress.hostPorts"
      : !k3s.disable.includes("traefik") && !k3s.disable.includes("servicelb") && isOnLoadBalancer(ingress)
        ? "k3s's own Traefik, through servicelb,"
        : undefined;
  return taker === undefined
    ? own
    : [...own, error("cluster.apiPort", `${taker} takes port ${port} on every node`, "write another port, e.g. 6443")];
};

/** k3s's Traefik has a service of this type unless the stack has chosen it and says another, or has it beside ingress-nginx. */
function isOnLoadBalancer({ controller, serviceType, beside }: Settings["ingress"]): boolean {
  return (
    beside === undefined &&
    (controller === "traefik" || controller === "gateway" ? serviceType === "LoadBalancer" : true)
  );
}

/** What runs kubectl for the agents is a server. */
export const operator: Check = ({ nodes, rollout }) => {
  const names = nodes.filter(({ role }) => role === "server").map(({ name }) => name);
  if (rollout.operator === undefined || names.includes(rollout.operator)) return [];
  return [error("rollout.operator", `'${rollout.operator}' is not a server`, `write ${names.join(" or ")}`)];
};

/** Interfaces of which the name says that there is no Ethernet behind them, so nobody could ask there who has an address. */
const NO_ETHERNET = /^(wg|tun|utun|tailscale|ppp|ipsec|xfrm|gre|sit|vti|nebula|lo$)/;

/** What to do where an address cannot move. */
const OTHER_WAYS =
  "take it out, and set cluster.apiAddress to a DNS name with every server's address, or to a load balancer; nodes join by any server that answers without it";

/** A virtual IP can move only on an Ethernet segment that the servers share. */
export const virtualIpSegment: Check = (settings) => {
  if (settings.cluster.virtualIp === undefined) return [];
  const named = servers(settings).map(({ node }) => ({ name: node.name, link: virtualIpInterface(settings, node) }));
  const unnamed = named.filter(({ link }) => link === undefined);
  if (unnamed.length > 0) {
    return [
      error(
        "cluster.virtualIp.interface",
        `is missing, and neither the node nor network.interface names one for ${listed(unnamed.map(({ name }) => name))}`,
        "write the interface that has the servers' internalIp, e.g. eth0",
      ),
    ];
  }
  const links = [...new Set(named.map(({ link = "" }) => link))].filter((link) => NO_ETHERNET.test(link));
  return links.map((link) =>
    error("cluster.virtualIp", `an address cannot move between servers on ${link}, which is no Ethernet`, OTHER_WAYS),
  );
};

/** Otherwise k3s may take the virtual IP for the node's own address (kube-vip#1385, k3s#12459). */
export const virtualIpNodes: Check = (settings) => {
  const { virtualIp } = settings.cluster;
  if (virtualIp === undefined) return [];
  return servers(settings).flatMap(({ node, index }): Finding[] => {
    const at = `nodes[${index}].internalIp`;
    const internalIp = ofFamily(node.internalIp, familyOf(virtualIp.address)) ?? primary(node.internalIp);
    if (internalIp === undefined) {
      return [
        error(
          at,
          "is missing, and with cluster.virtualIp k3s could take that for the node's own address",
          `write the address that ${node.name} has on ${virtualIpInterface(settings, node) ?? "that network"}`,
        ),
      ];
    }
    if (familyOf(internalIp) !== familyOf(virtualIp.address)) {
      return [
        error(
          "cluster.virtualIp.address",
          `${virtualIp.address} is IPv${familyOf(virtualIp.address)}, and ${at} ${internalIp} is IPv${familyOf(internalIp)}`,
          "write addresses of one kind",
        ),
      ];
    }
    const { prefix } = virtualIp;
    if (prefix === undefined || prefix === bitsOf(virtualIp.address) || prefix > bitsOf(virtualIp.address)) return [];
    if (overlap(`${virtualIp.address}/${prefix}`, internalIp)) return [];
    const problem = `${virtualIp.address}/${prefix} and ${at} ${internalIp} are not of one network`;
    return [
      error(
        "cluster.virtualIp.prefix",
        problem,
        "correct the address or the prefix; without a prefix, the address stands alone",
      ),
    ];
  });
};

/** It is an address of its own. */
export const virtualIpFree: Check = (settings) => {
  const { virtualIp } = settings.cluster;
  if (virtualIp === undefined) return [];
  const { address, prefix } = virtualIp;
  const remedy = "write an address that no machine has";
  const taken = settings.nodes.flatMap((node, index) =>
    (["address", "internalIp", "externalIp"] as const)
      .filter((key) => each(node[key]).some((one) => overlap(address, one)))
      .map((key) => error("cluster.virtualIp.address", `${address} is nodes[${index}].${key}`, remedy)),
  );
  return [
    ...taken,
    ...(isLoopback(address) ? [error("cluster.virtualIp.address", `${address} is a loopback address`, remedy)] : []),
    ...(prefix !== undefined && prefix > bitsOf(address)
      ? [error("cluster.virtualIp.prefix", `${prefix} is longer than an IPv4 address`, "write at most 32")]
      : []),
  ];
};

/** A port belongs to a load balancer or a forwarding router; the virtual IP is on the servers themselves. */
export const virtualIpPort: Check = ({ cluster }) => {
  const { virtualIp, apiPort: port } = cluster;
  if (virtualIp === undefined) return [];
  return (["apiAddress", "joinAddress"] as const).flatMap((key) => {
    const given = hostAndPort(cluster[key] ?? "");
    if (given?.host !== virtualIp.address || (given.port ?? port) === port) return [];
    return [
      error(
        `cluster.${key}`,
        `names port ${given.port} at the virtual IP, where the servers listen on ${port}`,
        `set cluster.apiPort: ${given.port}, or write the address alone`,
      ),
    ];
  });
};

export const wayInChecks: readonly Check[] = [
  apiPort,
  operator,
  virtualIpSegment,
  virtualIpNodes,
  virtualIpFree,
  virtualIpPort,
];

function servers({ nodes }: Settings): { node: NodeSettings; index: number }[] {
  return nodes.map((node, index) => ({ node, index })).filter(({ node }) => node.role === "server");
}

function bitsOf(address: string): number {
  return addressBlock(address)?.family === 6 ? 128 : 32;
}
