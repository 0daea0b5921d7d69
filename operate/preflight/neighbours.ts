import { familiesOf, familyOf, primary } from "../../config/addresses";
import { hostAndPort } from "../../config/schema/scalars";
import type { Settings } from "../../config/settings";
import type { DesiredNode } from "../../desired/nodes";
import type { Inspection } from "./inspection";

/** A node as the others reach it inside the cluster. */
export interface Neighbour {
  readonly node: DesiredNode;
  readonly address: string;
  /** The interface that was chosen for the nodes' traffic, or the one of the address; undefined where neither is known. */
  readonly interface: string | undefined;
  /** In bytes. */
  readonly mtu: number | undefined;
  /** The TCP ports are tried too; not before there is a mesh, which alone has to come through then. */
  readonly answersTcp: boolean;
}

const ETCD_PORTS = [2379, 2380] as const;
const KUBELET_PORT = 10250;

/** The TCP ports that a node of this role answers on: what its listener takes for the time of the probe. */
export function portsOf(node: DesiredNode): number[] {
  return node.role === "server" ? [apiPortOf(node), ...ETCD_PORTS, KUBELET_PORT] : [KUBELET_PORT];
}

/** The TCP ports of one node that another one needs (https://docs.k3s.io/installation/requirements, inbound rules). */
export function portsBetween(from: DesiredNode, to: DesiredNode): number[] {
  if (to.role === "agent") return [KUBELET_PORT];
  return from.role === "server" ? portsOf(to) : [apiPortOf(to), KUBELET_PORT];
}

/** The port of the API, as the host program is told it. */
function apiPortOf({ steps }: DesiredNode): number {
  return Number(steps.host.program.facts["api_port"]);
}

/** The UDP port that carries the pods' traffic between nodes; none where flannel does not encapsulate it. */
export function overlayPort({ network, nodes }: Settings): number | undefined {
  // What is probed goes to the primary address.
  const isIpv6 = nodes.some(({ internalIp }) => familiesOf(internalIp)[0] === 6);
  switch (network.flannelBackend) {
    case "vxlan":
      return 8472;
    case "wireguard-native":
      // flannel listens for IPv6 on a port of its own (https://docs.k3s.io/installation/requirements).
      return isIpv6 ? 51_821 : 51_820;
    default:
      return undefined;
  }
}

/** Decides how a node is reached by the others, as k3s does: its internalIp, or the address of its interface. */
export function neighbourOf({ node, facts }: Inspection, { network }: Settings): Neighbour | undefined {
  if (facts === undefined) return undefined;
  const [family] = familiesOf(network.podCidr);
  const on = node.interface ?? facts.defaultInterface;
  const there = facts.addresses.filter((each) => each.on === on);
  const own = there.find(({ address }) => familyOf(address) === family) ?? there[0];
  const address = primary(node.settings.internalIp) ?? own?.address;
  // Without an address on it, the chosen interface is a finding already, and nothing can be sent over it.
  if (address === undefined || (node.interface !== undefined && there.length === 0)) return undefined;
  return { node, address, interface: node.interface, mtu: facts.mtu, answersTcp: true };
}

/** What the nodes are tried over: the network that they use, or the one below a WireGuard mesh that some of them are not in yet. */
export function wayBetween(
  inspections: readonly Inspection[],
  settings: Settings,
): {
  readonly udpPort: number | undefined;
  readonly neighbourOf: (inspection: Inspection) => Neighbour | undefined;
} {
  const mesh = settings.network.wireguard;
  const isMissing = ({ facts }: Inspection): boolean =>
    facts !== undefined && !facts.addresses.some(({ on }) => on === mesh?.interface);
  if (mesh === undefined || !inspections.some(isMissing)) {
    return { udpPort: overlayPort(settings), neighbourOf: (inspection) => neighbourOf(inspection, settings) };
  }
  return { udpPort: mesh.port, neighbourOf: (inspection) => belowMesh(inspection, mesh.port) };
}

/** A node at its own address. One that is reached by a forwarded port, or not at all, is not tried: what it is sent elsewhere proves nothing. */
function belowMesh({ node, facts }: Inspection, port: number): Neighbour | undefined {
  if (facts === undefined) return undefined;
  const { address, wireguard } = node.settings;
  const written = wireguard.endpoint === undefined ? { host: address, port } : hostAndPort(wireguard.endpoint);
  if (written === undefined || (written.port ?? port) !== port || familyOf(written.host) === undefined) {
    return undefined;
  }
  const isOwn = facts.addresses.some((own) => own.address === written.host);
  if (wireguard.endpoint !== undefined && !isOwn) return undefined;
  return { node, address: written.host, interface: undefined, mtu: facts.mtu, answersTcp: false };
}
