import { API_PORT, hostPort, plainAddress } from "../config/addresses";
import type { NodeSettings, Settings } from "../config/settings";
import { k3sVersionOf } from "../config/versions/pins";
import { endpointsOf } from "./endpoints";
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
   * The server that runs kubectl for this node. An agent's is the first server. A server is its own, because only on
   * its host can k3s be kept from joining again while it leaves, which it does through another server's API (scripts/leave.sh).
   */
  readonly operator: Machine;
  /** host:port that must answer before the node joins; undefined for the server that starts the cluster. */
  readonly join: string | undefined;
  /** The first server's own address inside the cluster, where it is written and the node is another one. */
  readonly underlay: string | undefined;
  /** host:port of the other servers, which a rebuilt first server joins when they live; empty for the others. */
  readonly peers: readonly string[];
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
  return {
    ...machine,
    role: node.role,
    settings: node,
    version: k3sVersionOf(settings, node),
    interface: node.interface ?? settings.network.interface,
    operator: node.role === "server" ? machine : { name: first.name, ssh: sshTarget(settings, first) },
    join: isFirst ? undefined : endpointsOf(settings, first).join,
    underlay: isFirst || first.internalIp === undefined ? undefined : plainAddress(first.internalIp),
    peers: isFirst ? servers.slice(1).map((server) => hostPort(server.internalIp ?? server.address, API_PORT)) : [],
  };
}
