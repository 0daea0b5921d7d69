import { addressAndPort, addressBlock, each, hostOf, overlap } from "../addresses";
import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** Pods and services have addresses of their own. */
export const podsAndServices: Check = ({ network }) =>
  each(network.serviceCidr).flatMap((services) =>
    each(network.podCidr)
      .filter((pods) => overlap(pods, services))
      .map((pods) =>
        error(
          "network.serviceCidr",
          `${services} overlaps network.podCidr ${pods}`,
          "write blocks that share no address, e.g. 10.42.0.0/16 and 10.43.0.0/16",
        ),
      ),
  );

/** The API server takes service blocks of at most 20 bits (kubernetes: pkg/controlplane/apiserver/options, validation). */
export const serviceBlockSize: Check = ({ network }) =>
  each(network.serviceCidr).flatMap((text) => {
    const block = addressBlock(text);
    const smallest = block?.family === 6 ? 108 : 12;
    if (block === undefined || block.prefix >= smallest) return [];
    return [
      error(
        "network.serviceCidr",
        `${text} is larger than Kubernetes allows`,
        `write a block of /${smallest} or smaller`,
      ),
    ];
  });

/** What is reached from inside the cluster does not hide behind the pods' and services' addresses. */
export const nothingInside: Check = (settings) =>
  outsideAddresses(settings).flatMap(([path, address]) =>
    (["podCidr", "serviceCidr"] as const).flatMap((key) =>
      each(settings.network[key])
        .filter((block) => overlap(block, address))
        .map((block) =>
          error(
            path,
            `${address} lies inside network.${key} ${block}`,
            `write another block for network.${key}: what is inside it is not reached from the cluster`,
          ),
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

export const addressChecks: readonly Check[] = [podsAndServices, serviceBlockSize, nothingInside, nodePortRange];

function ingressPorts({ ingress, network }: Settings, first: number, last: number): Finding[] {
  const { http, https } = ingress.nodePorts ?? {};
  if (ingress.controller === "none") return [];
  const named = {
    "nodePorts.http": http,
    "nodePorts.https": https,
    "beside.http": ingress.beside?.http,
    "beside.https": ingress.beside?.https,
  };
  return Object.entries(named).flatMap(([name, port]) =>
    port === undefined || (port >= first && port <= last)
      ? []
      : [
          error(
            `ingress.${name}`,
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
      ...(["internalIp", "externalIp"] as const).flatMap((key) =>
        each(node[key]).map((address): [string, string] => [`nodes[${index}].${key}`, address]),
      ),
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
