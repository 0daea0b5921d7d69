import { each, isLoopback, primary } from "../addresses";
import { originOf } from "../origin";
import { keepsPodsOff } from "../schema/kubernetesNames";
import { error, warning, type Check } from "./check";

/** There is a machine. */
export const someNodes: Check = ({ nodes, cluster, stack }) =>
  nodes.length > 0 || originOf({ cluster }) !== "machines"
    ? []
    : [
        error(
          "nodes",
          `stack '${stack}' names no machines`,
          `write them under groundwork:nodes of Pulumi.${stack}.yaml, at least one with role: server; ` +
            "Pulumi.dev.yaml is an example, docs/configuration.md lists every setting",
        ),
      ];

/** There is a server, and etcd's servers are odd in number. */
export const serverCount: Check = ({ nodes, cluster }) => {
  if (nodes.length === 0) return [];
  const all = nodes.filter((node) => node.role === "server");
  const servers = all.length;
  if (servers === 0) return [error("nodes", "has no server", "write role: server on at least one node")];
  // A lost one is on its way out, and what takes its place may come with it or after it (checks/lost.ts).
  if (all.some((node) => node.lost)) return [];
  if (servers % 2 === 1) return [];
  const problem = `has ${servers} servers, an even number: etcd survives no more losses with ${servers} than with ${servers - 1}`;
  const remedy = `write role: server on ${servers - 1} or ${servers + 1} nodes`;
  return [
    cluster.allowEvenServers
      ? warning("nodes", problem, `${remedy} as soon as the server is replaced`)
      : error("nodes", problem, `${remedy}, or set cluster.allowEvenServers: true while you replace a server`),
  ];
};

/** Every node has a name of its own. */
export const uniqueNames: Check = ({ nodes }) =>
  repeated(nodes.map((node, index) => [node.name, index] as const)).map(([name, first, index]) =>
    error(`nodes[${index}].name`, `'${name}' is the name of nodes[${first}] too`, "give each node a name of its own"),
  );

/** No node's name is the name of another node's resource: `db-ready` next to `db`. */
export const resourceNames: Check = ({ nodes }) => {
  const names = new Set(nodes.map((node) => node.name));
  return nodes.flatMap(({ name }, index) => {
    const other = /^(.+)-(token|drain|ready|forget)$/.exec(name)?.[1];
    if (other === undefined || !names.has(other)) return [];
    return [
      error(
        `nodes[${index}].name`,
        `'${name}' is the name of a resource of node '${other}'`,
        "give the node another name",
      ),
    ];
  });
};

/** Every node has an address of its own; behind one address, a port of its own. */
export const uniqueAddresses: Check = ({ nodes, ssh }) =>
  repeated(
    nodes.map((node, index) => {
      const bastion = node.ssh.bastion ?? ssh.bastion ?? "none";
      return [`${node.address} port ${node.ssh.port ?? ssh.port} ${bastion}`, index] as const;
    }),
  ).map(([key, first, index]) =>
    error(
      `nodes[${index}].address`,
      `${key.split(" ").slice(0, 3).join(" ")} is the address of nodes[${first}] too`,
      "write each machine's own address",
    ),
  );

/** Every node has an address of its own inside the cluster. */
export const uniqueInternalIps: Check = ({ nodes }) =>
  repeated(
    nodes.flatMap((node, index) => [...new Set(each(node.internalIp))].map((address) => [address, index] as const)),
  ).map(([address, first, index]) =>
    error(
      `nodes[${index}].internalIp`,
      `${address} is the internal address of nodes[${first}] too`,
      "write each node's own address",
    ),
  );

/** Nodes join the first server at an address that reaches it. */
export const reachableServer: Check = ({ nodes, cluster }) => {
  const index = nodes.findIndex((node) => node.role === "server");
  const first = nodes[index];
  if (first === undefined || nodes.length < 2) return [];
  if ((cluster.joinAddress ?? cluster.apiAddress ?? cluster.virtualIp) !== undefined) return [];
  const inside = primary(first.internalIp) ?? first.address;
  if (!isLoopback(inside)) return [];
  return [
    error(
      `nodes[${index}].internalIp`,
      `is missing, and other nodes cannot join the first server at ${inside}`,
      "write the address at which the other nodes reach it",
    ),
  ];
};

/** Something can be scheduled. */
export const schedulable: Check = ({ nodes }) => {
  if (nodes.length === 0 || nodes.some((node) => !keepsPodsOff(node.taints))) return [];
  return [
    warning(
      "nodes",
      "every node has a taint with NoSchedule or NoExecute, so pods without a toleration are never scheduled",
      "leave the taints of at least one node out",
    ),
  ];
};

/** The roll-out leaves agents to run the pods. */
export const maxUnavailable: Check = ({ nodes, rollout }) => {
  const agents = nodes.filter((node) => node.role === "agent").length;
  if (agents < 2 || rollout.maxUnavailable < agents) return [];
  return [
    warning(
      "rollout.maxUnavailable",
      `${rollout.maxUnavailable} lets all ${agents} agents be drained at the same time`,
      `write at most ${agents - 1}`,
    ),
  ];
};

/** A cluster that is taken over has its join tokens already; generated ones would be refused by its first server. */
export const adoptedTokens: Check = ({ nodes, k3s }) => {
  const index = nodes.findIndex((node) => node.role === "server");
  if (nodes[index]?.adopt !== true) return [];
  return (["token", "agentToken"] as const)
    .filter((key) => k3s[key] === undefined)
    .map((key) => {
      const file = key === "token" ? "token" : "agent-token";
      return error(
        `k3s.${key}`,
        `is missing, and nodes[${index}].adopt takes over a cluster that has its join tokens already`,
        `set it to what follows the last ':' in /var/lib/rancher/k3s/server/${file} on ${nodes[index]?.name ?? ""} (pulumi config set --secret --path 'groundwork:k3s.${key}')`,
      );
    });
};

/** Those that machines count for which are lost, too. */
export const entryChecks: readonly Check[] = [someNodes, serverCount, uniqueNames, resourceNames];

export const nodeChecks: readonly Check[] = [
  uniqueAddresses,
  uniqueInternalIps,
  reachableServer,
  schedulable,
  maxUnavailable,
  adoptedTokens,
];

/** Each key that was seen before, with where it was seen first and where again. */
function repeated(keys: readonly (readonly [string, number])[]): (readonly [string, number, number])[] {
  const seen = new Map<string, number>();
  return keys.flatMap(([key, index]): (readonly [string, number, number])[] => {
    const first = seen.get(key);
    if (first !== undefined) return [[key, first, index]];
    seen.set(key, index);
    return [];
  });
}
