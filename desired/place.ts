import { plainAddress, primary } from "../config/addresses";
import type { NodeSettings, Settings } from "../config/settings";
import { k3sVersionOf } from "../config/versions/pins";
import { apisOf, joinsOf } from "./endpoints";
import { virtualIpOf, type VirtualIp } from "./virtualIp";
import { nodeInterface } from "../config/nodeInterface";
import { sshTarget, type SshTarget } from "./ssh";

/** A host that scripts run on. */
export interface Machine {
  /** Name of its node. */
  readonly name: string;
  readonly ssh: SshTarget;
}

/** What is decided of a machine before its files: they are made from this. */
export interface NodePlace extends Machine {
  readonly role: "server" | "agent";
  readonly settings: NodeSettings;
  /** Version of k3s. */
  readonly version: string;
  /** Interface of flannel, or undefined for the one with the default route. */
  readonly interface: string | undefined;
  /**
   * The server that runs kubectl for this node. An agent's is the first server, or `rollout.operator`. A server is its own, because
   * only on its host can k3s be kept from joining again while it leaves, which it does through another server's API (scripts/leave.sh).
   */
  readonly operator: Machine;
  /** host:port of the servers beside an agent's operator, whose API is asked while the operator's own k3s is down; empty for a server. */
  readonly otherServers: readonly string[];
  /**
   * host:port that the node may join through, in the order in which they are tried on its host (scripts/join.sh); empty for the
   * server that starts the cluster.
   */
  readonly join: readonly string[];
  /** The first server's own address inside the cluster, where it is written and the node is another one. */
  readonly underlay: string | undefined;
  /** host:port of the other servers, which a rebuilt first server joins when they live; empty for the others. */
  readonly peers: readonly string[];
  /** The virtual IP as this server takes part in it; undefined where there is none, and for an agent. */
  readonly virtualIp: VirtualIp | undefined;
}

/** The servers of a stack, in the order in which they join. */
export interface Servers {
  readonly first: NodeSettings;
  readonly servers: readonly NodeSettings[];
}

/** Decides a machine's place among the others. */
export function placeOf(settings: Settings, node: NodeSettings, { first, servers }: Servers): NodePlace {
  const machine = { name: node.name, ssh: sshTarget(settings, node) };
  const isFirst = node === first;
  const operator = servers.find(({ name }) => name === settings.rollout.operator) ?? first;
  const beside = (one: NodeSettings): NodeSettings[] => servers.filter((server) => server !== one);
  return {
    ...machine,
    role: node.role,
    settings: node,
    version: k3sVersionOf(settings, node),
    interface: nodeInterface(settings, node),
    operator: node.role === "server" ? machine : { name: operator.name, ssh: sshTarget(settings, operator) },
    otherServers: node.role === "server" ? [] : apisOf(settings, beside(operator)),
    join: isFirst ? [] : joinsOf(settings, beside(node)),
    peers: isFirst ? apisOf(settings, beside(first)) : [],
    virtualIp: virtualIpOf(settings, node, servers),
    underlay: isFirst || first.internalIp === undefined ? undefined : plainAddress(primary(first.internalIp)),
  };
}
