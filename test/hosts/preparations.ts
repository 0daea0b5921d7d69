import { Secret } from "../../config/secret";
import { NEXT_PATCH, VERSION, type Host } from "./host";
import { adopting, officialK3s } from "./officialK3s";
import { createHash } from "node:crypto";
import { rotateElsewhere } from "./fake/passwords";
import { usedBefore } from "./rolloutParts";
import { NEW_TOKEN } from "./member";

export const ONE = ["server:s1", "agent:a1", "agent:a2"];
export const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

export async function member(host: Host): Promise<void> {
  host.surround();
  await host.must("token", "converge");
}

/** A server that is a node's operator; the node is another one. */
export async function operatorOf(host: Host, node: string): Promise<void> {
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

export async function drained(host: Host): Promise<void> {
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

export const UPGRADE = {
  k3s: { version: NEXT_PATCH, tlsSans: ["k3s.example.org"] },
  dns: { upstream: ["192.0.2.53"] },
};

/** With SQLite, an older version and files of its own. */
export function foreignServer(host: Host): void {
  host.world.files.write("/etc/rancher/k3s/config.yaml.d/50-more.yaml", "debug: true\n");
  host.world.files.write("/etc/rancher/k3s/token", "a file that nobody reads\n", 0o600);
  officialK3s(host);
  adopting(host, { k3s: { version: NEXT_PATCH } });
}

/** A member that was drained and has come back, with a check before others may go. */
export async function checked(host: Host, check: Record<string, unknown>): Promise<void> {
  await operatorOf(host, "a1");
  usedBefore(host, "a1");
  change(host, { rollout: { check } });
  await drained(host);
}

export function labelled(host: Host): void {
  const list = host.stack["nodes"] as Record<string, unknown>[];
  const marks = {
    labels: { disk: "ssd", "example.org/rack": "r1" },
    annotations: { "example.org/owner": "the team of row 7", "example.org/disks": '[{"path":"/mnt/ssd 1"}]' },
    taints: ["gpu=true:NoSchedule"],
  };
  change(host, { nodes: list.map((node) => ({ ...node, ...marks })) });
}

/** A registry that nodes log in to. */
export function withRegistry(password: string): Record<string, unknown> {
  const auth = { username: Secret.of("puller"), password: Secret.of(password) };
  return { k3s: { version: VERSION, registries: { configs: { "registry.example.org": { auth } } } } };
}

/** What pods leave on a host. */
export async function used(host: Host): Promise<void> {
  await member(host);
  const { world } = host;
  for (const link of ["cni0", "flannel.1"]) world.links.set(link, ["10.42.0.1/24"]);
  world.rules =
    "*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE\nCOMMIT\n";
  world.files.write("/var/lib/kubelet/pods/p1/volumes/data/file", "a pod's\n");
  world.files.write("/var/log/pods/default_web_1/web/0.log", "a line\n");
}

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
