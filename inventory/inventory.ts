import type { BastionSettings, NodeSettings, Settings } from "../config/settings";
import type { Secret } from "../config/secret";

/** How a host is reached: plain values, before any Pulumi type. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Public host key in OpenSSH's format; undefined only with `ssh.trustOnFirstUse`. */
  readonly hostKey: string | undefined;
  readonly privateKey: Secret | undefined;
  readonly privateKeyPassphrase: Secret | undefined;
  /** Attempts to connect, as `@pulumi/command` counts them. */
  readonly dialAttempts: number;
  readonly bastion: Omit<SshTarget, "bastion" | "dialAttempts"> | undefined;
}

/** A machine and its place in the roll-out. */
export interface InventoryNode {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly settings: NodeSettings;
  readonly ssh: SshTarget;
  /**
   * Name of the server that runs kubectl for this node. An agent's is the first server. A server is its own, because only on
   * its host can k3s be kept from joining again while it leaves, which it does through another server's API (scripts/leave.sh).
   */
  readonly operator: string;
  /** Names of the nodes that are Ready before this one is touched. */
  readonly after: readonly string[];
  /** Interface of flannel, or undefined for the one with the default route. */
  readonly interface: string | undefined;
}

/** The machines by role, in the order in which they join. */
export interface Inventory {
  readonly servers: readonly InventoryNode[];
  readonly agents: readonly InventoryNode[];
  /** The server that starts the cluster and that others join. */
  readonly first: InventoryNode;
  /** Servers, then agents: an order in which every node comes after those that it waits for. */
  readonly nodes: readonly InventoryNode[];
  /** Host of the Kubernetes API for nodes that join. */
  readonly joinHost: string;
  /** Host of the Kubernetes API for people: what the exported kubeconfig names. */
  readonly apiHost: string;
}

/**
 * Gives every machine its place: servers one after another, then agents in lanes of `rollout.agentsAtOnce`.
 *
 * @throws Error when there is no server; validated settings always have one.
 */
export function buildInventory(settings: Settings): Inventory {
  const servers = settings.nodes.filter((node) => node.role === "server");
  const agents = settings.nodes.filter((node) => node.role === "agent");
  const firstSettings = servers[0];
  if (firstSettings === undefined) throw new Error("nodes: no node has role: server");

  const place = (node: NodeSettings, after: readonly string[]): InventoryNode => ({
    name: node.name,
    role: node.role,
    settings: node,
    ssh: sshTarget(settings, node),
    operator: node.role === "server" ? node.name : firstSettings.name,
    after,
    interface: node.interface ?? settings.network.interface,
  });
  // All that are before it, not only the last: when several are removed, the engine orders by what is removed alone.
  const placedServers = servers.map((node, index) => place(node, servers.slice(0, index).map(nameOf)));
  const placedAgents = agents.map((node, index) => {
    const before = agents[index - settings.rollout.agentsAtOnce];
    return place(node, [...servers, ...(before === undefined ? [] : [before])].map(nameOf));
  });

  const [first] = placedServers;
  if (first === undefined) throw new Error("nodes: no node has role: server");
  return {
    servers: placedServers,
    agents: placedAgents,
    first,
    nodes: [...placedServers, ...placedAgents],
    joinHost: settings.cluster.apiAddress ?? firstSettings.internalIp ?? firstSettings.address,
    apiHost: settings.cluster.apiAddress ?? firstSettings.address,
  };
}

function nameOf(node: NodeSettings): string {
  return node.name;
}

function sshTarget(settings: Settings, node: NodeSettings): SshTarget {
  const { ssh } = settings;
  const bastionName = node.ssh.bastion ?? ssh.bastion;
  const bastion = bastionName === undefined || bastionName === "none" ? undefined : ssh.bastions[bastionName];
  return {
    host: node.address,
    port: node.ssh.port ?? ssh.port,
    user: node.ssh.user ?? ssh.user,
    hostKey: node.hostKey,
    privateKey: ssh.privateKey,
    privateKeyPassphrase: ssh.privateKeyPassphrase,
    dialAttempts: ssh.dialAttempts,
    bastion: bastion === undefined ? undefined : bastionTarget(settings, bastion),
  };
}

function bastionTarget(settings: Settings, bastion: BastionSettings): SshTarget["bastion"] {
  return {
    host: bastion.address,
    port: bastion.port,
    user: bastion.user ?? settings.ssh.user,
    hostKey: bastion.hostKey,
    privateKey: bastion.privateKey ?? settings.ssh.privateKey,
    privateKeyPassphrase: bastion.privateKey === undefined ? settings.ssh.privateKeyPassphrase : undefined,
  };
}
