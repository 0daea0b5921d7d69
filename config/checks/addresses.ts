import { addressAndPort, addressBlock, familyOf, hostOf, overlap } from "../addresses";
import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** Pods and services have addresses of their own. */
export const podsAndServices: Check = ({ network }) =>
  overlap(network.podCidr, network.serviceCidr)
    ? [
        error(
          "network.serviceCidr",
          `${network.serviceCidr} overlaps network.podCidr ${network.podCidr}`,
          "write blocks that share no address, e.g. 10.42.0.0/16 and 10.43.0.0/16",
        ),
      ]
    : [];

/** Pods and services speak the same protocol. */
export const oneFamily: Check = ({ network }) => {
  const pods = addressBlock(network.podCidr)?.family;
  const services = addressBlock(network.serviceCidr)?.family;
  if (pods === services) return [];
  return [
    error(
      "network.serviceCidr",
      `${network.serviceCidr} is IPv${services}, network.podCidr ${network.podCidr} is IPv${pods}`,
      "write two blocks of the same kind",
    ),
  ];
};

/** Nodes speak the protocol of their pods: k3s refuses to start otherwise, after it was waited for. */
export const nodeFamily: Check = ({ network, nodes, k3s }) => {
  const family = familyOf(network.podCidr);
  if (family !== familyOf(network.serviceCidr)) return [];
  const other = (text: string | undefined): boolean => (familyOf(text ?? "") ?? family) !== family;
  const cluster = `the cluster's blocks are IPv${family} (network.podCidr ${network.podCidr})`;
  const blocks =
    family === 4
      ? "podCidr: fd00:42::/56 and serviceCidr: fd00:43::/112"
      : "podCidr: 10.42.0.0/16 and serviceCidr: 10.43.0.0/16";
  const remedy = (key: string): string => `write an IPv${family} address in ${key}, or ${blocks} under network`;
  const dns = typeof k3s.server["cluster-dns"] === "string" ? k3s.server["cluster-dns"] : undefined;
  return [
    ...nodes.flatMap((node, index): Finding[] => {
      const { address, internalIp, externalIp } = node;
      const at = (key: string): string => `nodes[${index}].${key}`;
      return [
        ...(other(internalIp)
          ? [
              error(
                at("internalIp"),
                `${internalIp} is IPv${familyOf(internalIp ?? "")}, and ${cluster}`,
                remedy("internalIp"),
              ),
            ]
          : []),
        // Without internalIp k3s takes the host's own; the address for SSH is the only one that is known here.
        ...(internalIp === undefined && other(address)
          ? [error(at("address"), `${address} is IPv${familyOf(address)}, and ${cluster}`, remedy("internalIp"))]
          : []),
        ...(other(externalIp)
          ? [
              warning(
                at("externalIp"),
                `${externalIp} is IPv${familyOf(externalIp ?? "")}, and ${cluster}`,
                remedy("externalIp"),
              ),
            ]
          : []),
      ];
    }),
    ...(other(dns)
      ? [
          error(
            "k3s.server.cluster-dns",
            `${dns} is IPv${familyOf(dns ?? "")}, and ${cluster}`,
            "write an address inside network.serviceCidr",
          ),
        ]
      : []),
  ];
};

/** The API server takes service blocks of at most 20 bits (kubernetes: pkg/controlplane/apiserver/options, validation). */
export const serviceBlockSize: Check = ({ network }) => {
  const block = addressBlock(network.serviceCidr);
  const smallest = block?.family === 6 ? 108 : 12;
  if (block === undefined || block.prefix >= smallest) return [];
  return [
    error(
      "network.serviceCidr",
      `${network.serviceCidr} is larger than Kubernetes allows`,
      `write a block of /${smallest} or smaller`,
    ),
  ];
};

/** Every node gets a /24 (IPv6: /64) of the pods' block (kube-controller-manager, node-cidr-mask-size). */
export const podBlockSize: Check = ({ network, nodes, k3s }) => {
  const block = addressBlock(network.podCidr);
  const flags = JSON.stringify(k3s.server["kube-controller-manager-arg"] ?? "");
  if (block === undefined || flags.includes("node-cidr-mask-size")) return [];
  const mask = block.family === 6 ? 64 : 24;
  const room = block.prefix > mask ? 0 : 2 ** Math.min(30, mask - block.prefix);
  if (nodes.length <= room) return [];
  return [
    error(
      "network.podCidr",
      `${network.podCidr} has room for ${room} nodes (a /${mask} each), and there are ${nodes.length}`,
      `write a larger block, e.g. ${block.family === 6 ? "fd00:42::/48" : "10.42.0.0/14"}`,
    ),
  ];
};

/** What is reached from inside the cluster does not hide behind the pods' and services' addresses. */
export const nothingInside: Check = (settings) =>
  outsideAddresses(settings).flatMap(([path, address]) =>
    (["podCidr", "serviceCidr"] as const)
      .filter((key) => overlap(settings.network[key], address))
      .map((key) =>
        error(
          path,
          `${address} lies inside network.${key} ${settings.network[key]}`,
          `write another block for network.${key}: what is inside it is not reached from the cluster`,
        ),
      ),
  );

/** The nodes' own ports stay theirs. */
export const nodePortRange: Check = (settings) => {
  const { nodePortRange: text } = settings.network;
  const [first = 0, last = 0] = text.split("-").map(Number);
  if (first > last) return [error("network.nodePortRange", `${text} is reversed`, `write ${last}-${first}`)];
  if (first < 1 || last > 65535) {
    return [error("network.nodePortRange", `${text} is not inside 1-65535`, "write ports from 1 to 65535")];
  }
  const used = nodesOwnPorts(settings).filter(({ port }) => port >= first && port <= last);
  const taken =
    used.length === 0
      ? []
      : [
          warning(
            "network.nodePortRange",
            `${text} includes ports that the nodes use themselves: ${used.map(({ port, use }) => `${port} (${use})`).join(", ")}`,
            "a NodePort service must not take these; write nodePort in services that need a certain port",
          ),
        ];
  return [...taken, ...ingressPorts(settings, first, last)];
};

export const addressChecks: readonly Check[] = [
  podsAndServices,
  oneFamily,
  nodeFamily,
  serviceBlockSize,
  podBlockSize,
  nothingInside,
  nodePortRange,
];

function ingressPorts({ ingress, network }: Settings, first: number, last: number): Finding[] {
  const { http, https } = ingress.nodePorts ?? {};
  if (ingress.controller === "none") return [];
  return Object.entries({ http, https }).flatMap(([name, port]) =>
    port === undefined || (port >= first && port <= last)
      ? []
      : [
          error(
            `ingress.nodePorts.${name}`,
            `${port} is outside network.nodePortRange ${network.nodePortRange}`,
            "write a port inside it, or widen the range",
          ),
        ],
  );
}

/** Ports that nodes listen on for others (docs.k3s.io/installation/requirements, Inbound Rules and Local Ports). */
function nodesOwnPorts({ nodes, ssh, network, ingress, cluster }: Settings): { port: number; use: string }[] {
  const sshPorts = [...new Set(nodes.map((node) => node.ssh.port ?? ssh.port))];
  const flannel = {
    vxlan: { port: 8472, use: "udp, VXLAN" },
    "wireguard-native": { port: 51820, use: "udp, WireGuard" },
    "host-gw": undefined,
    none: undefined,
  };
  const overlay = flannel[network.flannelBackend];
  const ports = [
    ...sshPorts.map((port) => ({ port, use: "SSH" })),
    ...(ingress.controller !== "none" && ingress.hostPorts
      ? [
          { port: 80, use: "ingress" },
          { port: 443, use: "ingress" },
        ]
      : []),
    { port: 2379, use: "etcd" },
    { port: 2380, use: "etcd" },
    { port: cluster.apiPort, use: "Kubernetes API" },
    ...[...new Set([6444, cluster.apiPort + 1])].map((port) => ({ port, use: "k3s" })),
    ...(overlay === undefined ? [] : [overlay]),
    { port: 10250, use: "kubelet" },
    { port: 10256, use: "kube-proxy" },
  ];
  return ports.sort((a, b) => a.port - b.port);
}

function outsideAddresses({ nodes, ssh, dns, storage, cluster }: Settings): [path: string, address: string][] {
  const found: [string, string | undefined][] = [
    ["cluster.apiAddress", hostOf(cluster.apiAddress)],
    ["cluster.joinAddress", hostOf(cluster.joinAddress)],
    ["cluster.virtualIp.address", cluster.virtualIp?.address],
    ...nodes.flatMap((node, index): [string, string | undefined][] => [
      [`nodes[${index}].address`, node.address],
      [`nodes[${index}].internalIp`, node.internalIp],
      [`nodes[${index}].externalIp`, node.externalIp],
    ]),
    ...Object.entries(ssh.bastions).map(([name, bastion]): [string, string] => [
      pathText(["ssh", "bastions", name, "address"]),
      bastion.address,
    ]),
    ...(dns.upstream ?? []).map((address, index): [string, string] => [`dns.upstream[${index}]`, address]),
    ...Object.entries(dns.forward).flatMap(([zone, resolvers]) =>
      resolvers.map((resolver, index): [string, string | undefined] => [
        pathText(["dns", "forward", zone, index]),
        addressAndPort(resolver)?.address,
      ]),
    ),
    ["storage.nfs.server", storage.nfs?.server],
  ];
  return found.filter((each): each is [string, string] => each[1] !== undefined);
}
