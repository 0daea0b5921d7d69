import { Secret } from "../../config/secret";
import { NEXT_PATCH, VERSION, type Host } from "./host";
import { adopting, officialK3s } from "./officialK3s";
import { createHash } from "node:crypto";
import { rotateElsewhere } from "./fake/passwords";
import { ALWAYS, JOB, usedBefore, withLonghorn } from "./rolloutParts";
import { RESTORE_SCENARIOS } from "./restoreScenarios";
import { NEW_TOKEN } from "./member";
import type { Scenario } from "./scenario";

const ONE = ["server:s1", "agent:a1", "agent:a2"];
const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

async function member(host: Host): Promise<void> {
  host.surround();
  await host.must("token", "converge");
}

/** A server that is a node's operator; the node is another one. */
async function operatorOf(host: Host, node: string): Promise<void> {
  const self = host.node;
  await member(host);
  await host.must("ready");
  host.node = node;
  host.addPod("web", node);
  host.addPod("other", self);
}

/** A server of a cluster in which another machine was switched off and is gone for good; pods and a volume hang on it. */
export async function lostTo(host: Host, name: string): Promise<void> {
  await member(host);
  await host.must("ready");
  const { address } = (host.stack["nodes"] as { name: string; address: string }[]).find((one) => one.name === name)!;
  host.down(name, address);
  host.addPod("web", name);
  host.addPod("other", host.node);
  const secret = { name: `${name}.node-password.k3s`, namespace: "kube-system", labels: {}, annotations: {} };
  host.world.cluster.put({ kind: "secret", metadata: secret });
  host.lose(name);
}

async function drained(host: Host): Promise<void> {
  const stack = host.stack;
  change(host, { k3s: { version: NEXT_PATCH } });
  await host.must("drain");
  host.world.cluster.node(host.node)!.status.nodeInfo.kubeletVersion = NEXT_PATCH;
  host.stack = { ...stack, k3s: { version: NEXT_PATCH } };
}

/** Another version and another setting of k3s: the host restarts k3s for both. */
export function change(host: Host, changes: Record<string, unknown>): void {
  host.stack = { ...host.stack, ...changes };
}

/** The stack asks for a virtual IP; its package is there. */
export function addVirtualIp(host: Host): void {
  host.world.files.write("/usr/local/sbin/keepalived", "#!/bin/sh\n", 0o755);
  const list = host.stack["nodes"] as { address: string }[];
  change(host, {
    nodes: list.map((node) => ({ ...node, internalIp: node.address })),
    cluster: { virtualIp: { address: VIRTUAL_IP, interface: "eth0" } },
  });
}
export const VIRTUAL_IP = "192.0.2.100";

const UPGRADE = { k3s: { version: NEXT_PATCH, tlsSans: ["k3s.example.org"] }, dns: { upstream: ["192.0.2.53"] } };

export const SCENARIOS: readonly Scenario[] = [
  { name: "token of a new server", verb: "token", nodes: THREE, node: "s2", prepare: async (host) => host.surround() },
  { name: "token of a new agent", verb: "token", nodes: ONE, node: "a1", prepare: async (host) => host.surround() },
  {
    name: "token of the first server, which rotates it",
    verb: "token",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
    },
  },
  {
    name: "token of the first server, after a rotation that was cut off",
    verb: "token",
    nodes: THREE,
    node: "s1",
    prepare: halfRotated,
  },
  {
    name: "token of another server, after it was rotated",
    verb: "token",
    nodes: THREE,
    node: "s2",
    prepare: rotatedByFirst,
  },
  {
    name: "converge of a server whose tokens changed",
    verb: "converge",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.newAgentToken = "another-agent-secret";
      await host.must("token");
    },
  },
  {
    name: "converge of a new server",
    verb: "converge",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      host.surround();
      await host.must("token");
    },
  },
  {
    name: "converge of a new agent",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      host.surround();
      await host.must("token");
    },
  },
  {
    name: "token of a server that is taken over",
    verb: "token",
    nodes: ["server:s1"],
    node: "s1",
    prepare: async (host) => foreignServer(host),
  },
  {
    name: "converge of a server that is taken over",
    verb: "converge",
    nodes: ["server:s1"],
    node: "s1",
    prepare: async (host) => {
      foreignServer(host);
      await host.must("token");
    },
  },
  {
    name: "converge of an agent that is taken over",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      host.surround();
      const env = ["K3S_TOKEN='agent-secret'", "K3S_URL='https://192.0.2.1:6443'", "HTTP_PROXY='http://proxy:3128'"];
      officialK3s(host, { role: "agent", name: "home", env });
      adopting(host);
      await host.must("token");
    },
  },
  {
    name: "converge of a changed server",
    verb: "converge",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await member(host);
      change(host, UPGRADE);
    },
  },
  {
    name: "converge of a changed agent",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      await member(host);
      change(host, UPGRADE);
    },
  },
  {
    name: "converge of a server that gets a virtual IP",
    verb: "converge",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      addVirtualIp(host);
    },
  },
  {
    name: "drain of an agent",
    verb: "drain",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      await operatorOf(host, "a1");
      change(host, { k3s: { version: NEXT_PATCH } });
    },
  },
  {
    name: "drain of a server",
    // A server whose API is down is to be repaired by the converge that follows, not to be kept as it is.
    livesWith: { kinds: /from then on$/, says: /going on, so that s2 can be repaired/ },
    verb: "drain",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await operatorOf(host, "s2");
      change(host, { k3s: { version: NEXT_PATCH } });
    },
  },
  {
    name: "ready of an agent",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      labelled(host);
      await operatorOf(host, "a1");
      await drained(host);
    },
  },
  {
    name: "ready of a server",
    verb: "ready",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      labelled(host);
      await member(host);
    },
  },
  {
    name: "drain of an agent in a window, with Longhorn in the cluster",
    verb: "drain",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      await operatorOf(host, "a1");
      usedBefore(host, "a1");
      withLonghorn(host, "a1");
      change(host, { k3s: { version: NEXT_PATCH }, rollout: { window: ALWAYS } });
    },
  },
  {
    name: "ready of an agent with a command to check it",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: (host) => checked(host, { command: '[ "$GROUNDWORK_NODE" = a1 ]' }),
  },
  {
    name: "ready of an agent with a Job to check it",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: (host) => checked(host, { job: JOB }),
  },
  { name: "leave of an agent", verb: "leave", nodes: ONE, node: "s1", prepare: (host) => operatorOf(host, "a1") },
  { name: "leave of a server", verb: "leave", nodes: THREE, node: "s2", prepare: (host) => operatorOf(host, "s2") },
  {
    name: "token of an agent that gets a secret file",
    verb: "token",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      await member(host);
      change(host, withRegistry("hunter2"));
    },
  },
  {
    name: "converge of an agent whose secret file changed",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      change(host, withRegistry("hunter2"));
      await member(host);
      change(host, withRegistry("hunter3"));
      await host.must("token");
    },
  },
  { name: "forget of a lost agent", verb: "forget", nodes: ONE, node: "s1", prepare: (host) => lostTo(host, "a1") },
  { name: "forget of a lost server", verb: "forget", nodes: THREE, node: "s2", prepare: (host) => lostTo(host, "s1") },
  { name: "uninstall of a server", verb: "uninstall", nodes: THREE, node: "s2", prepare: used },
  { name: "uninstall of an agent", verb: "uninstall", nodes: ONE, node: "a1", prepare: used },
  ...RESTORE_SCENARIOS,
];

/** With SQLite, an older version and files of its own. */
function foreignServer(host: Host): void {
  host.world.files.write("/etc/rancher/k3s/config.yaml.d/50-more.yaml", "debug: true\n");
  host.world.files.write("/etc/rancher/k3s/token", "a file that nobody reads\n", 0o600);
  officialK3s(host);
  adopting(host, { k3s: { version: NEXT_PATCH } });
}

/** A member that was drained and has come back, with a check before others may go. */
async function checked(host: Host, check: Record<string, unknown>): Promise<void> {
  await operatorOf(host, "a1");
  usedBefore(host, "a1");
  change(host, { rollout: { check } });
  await drained(host);
}

function labelled(host: Host): void {
  const list = host.stack["nodes"] as Record<string, unknown>[];
  const marks = { labels: { disk: "ssd", "example.org/rack": "r1" }, taints: ["gpu=true:NoSchedule"] };
  change(host, { nodes: list.map((node) => ({ ...node, ...marks })) });
}

/** A registry that nodes log in to. */
export function withRegistry(password: string): Record<string, unknown> {
  const auth = { username: Secret.of("puller"), password: Secret.of(password) };
  return { k3s: { version: VERSION, registries: { configs: { "registry.example.org": { auth } } } } };
}

/** What pods leave on a host. */
async function used(host: Host): Promise<void> {
  await member(host);
  const { world } = host;
  for (const link of ["cni0", "flannel.1"]) world.links.set(link, ["10.42.0.1/24"]);
  world.rules =
    "*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE\nCOMMIT\n";
  world.files.write("/var/lib/kubelet/pods/p1/volumes/data/file", "a pod's\n");
  world.files.write("/var/log/pods/default_web_1/web/0.log", "a line\n");
}

export { NEW_TOKEN } from "./member";

export function markOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 4);
}

/** k3s's files have the new token, and etcd's data is sealed with the one before. */
export async function halfRotated(host: Host): Promise<void> {
  await member(host);
  host.newToken = NEW_TOKEN;
  host.world.k3s.temper.sealFails = 99;
  await host.run("token");
  host.world.k3s.temper.sealFails = 0;
}

export async function rotatedByFirst(host: Host): Promise<void> {
  await member(host);
  rotateElsewhere(host.world.cluster, NEW_TOKEN, markOf(NEW_TOKEN));
  host.newToken = NEW_TOKEN;
}
