import * as assert from "node:assert/strict";
import type { NewAuthorities } from "../../operate/authorities/programs";
import { nodes } from "../program";
import { setCondition } from "./fake/cluster";
import { load, save, TOPS, type Saved } from "./fake/saved";
import type { World } from "./fake/world";
import { Lane } from "./sandbox/lane";
import { Sandbox, type Fault, type Ran, type Shell } from "./sandbox/sandbox";
import { scriptsOf, type RestoreOf, type Verb } from "./scripts";

/** The version that the hosts of these tests run, and the one that they go to. */
export const VERSION = "v1.35.6+k3s1";
export const NEXT_PATCH = "v1.35.7+k3s1";
export const NEXT_MINOR = "v1.36.5+k3s1";

/** A stack of servers s1… and agents a1…, at 192.0.2.1 and on. */
export function stackOf(list: readonly string[], changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { k3s = {}, ...rest } = changes;
  const network = { verifyOverlay: false };
  return { nodes: nodes(...list), network, k3s: { version: VERSION, ...(k3s as object) }, ...rest };
}

/** Files of the host's own, which no verb may lose or change, whatever happens. */
export const OWN_FILES: Readonly<Record<string, string>> = {
  "/etc/fstab": "UUID=1 / ext4 defaults 0 1\nnas:/export /mnt/nas nfs defaults 0 0\n",
  "/etc/ssh/sshd_config": "PermitRootLogin prohibit-password\n",
  "/etc/resolv.conf": "nameserver 192.0.2.53\n",
  "/etc/systemd/system/other.service": "[Service]\nExecStart=/usr/local/bin/other\n",
  "/etc/rancher/rke2/config.yaml": "profile: cis\n",
  "/var/lib/rancher/rke2/server/db": "rke2's\n",
  "/usr/local/bin/other": "#!/bin/sh\n",
  "/home/user/notes": "the user's own\n",
  "/mnt/data/family-photos": "irreplaceable\n",
};

/** Where a k3s that was taken over is kept. */
const ADOPTED = /\/adopted-\w+/;

/** A sandbox's host in the words of tests. */
export class Host {
  readonly sandbox: Sandbox;
  stack: Record<string, unknown>;
  node: string;
  /** The server token that the settings ask for, where that is not the cluster's. */
  newToken: string | undefined;
  /** The same for the agents' token. */
  newAgentToken: string | undefined;
  /** The restore that its verbs are about. */
  restore: RestoreOf = { from: "snapshot", chosen: "s1", snapshot: "" };
  /** The authorities that a rotation made. */
  made: NewAuthorities | undefined;
  /** The name of the stack, where that is not the tests' usual one. */
  otherStack = "test";

  constructor(sandbox: Sandbox, stack: Record<string, unknown>, node: string) {
    this.sandbox = sandbox;
    this.stack = stack;
    this.node = node;
    const { files } = this.world;
    for (const [path, text] of Object.entries(OWN_FILES)) files.write(path, text);
    files.write("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    files.write("/sys/class/net/eth0/type", "1\n");
    files.write("/sys/class/net/eth0/flags", "0x1003\n");
  }

  get world(): World {
    return this.sandbox.world;
  }

  script(verb: Verb): string {
    const token = this.newToken ?? this.world.cluster.token;
    const agentToken = this.newAgentToken ?? this.world.cluster.agentToken;
    const given = {
      cluster: this.world.cluster,
      token,
      agentToken,
      stackName: this.otherStack,
      restore: this.restore,
      made: this.made,
    };
    const script = scriptsOf(this.stack, this.node, given)[verb];
    if (script === undefined) throw new Error(`${this.node} has no ${verb}`);
    return script;
  }

  /** Runs verbs one after another, up to the first that fails. */
  async runAll(...verbs: readonly Verb[]): Promise<Ran> {
    let ran: Ran | undefined;
    for (const verb of verbs) {
      ran = await this.run(verb);
      if (ran.code !== 0) break;
    }
    return ran!;
  }

  /** The stack's file calls the same machine something else. */
  rename(name: string): void {
    const list = this.stack["nodes"] as { name: string }[];
    this.stack = { ...this.stack, nodes: list.map((node) => (node.name === this.node ? { ...node, name } : node)) };
    this.node = name;
  }

  set onSleep(callback: () => void) {
    this.world.slept = callback;
  }

  get onSleep(): () => void {
    return this.world.slept;
  }

  run(
    verb: Verb,
    options: { readonly shell?: Shell; readonly fault?: Fault; readonly record?: boolean } = {},
  ): Promise<Ran> {
    return this.sandbox.run(this.script(verb), verb, options);
  }

  /** Runs verbs that must succeed. */
  async must(...verbs: readonly Verb[]): Promise<Ran> {
    let last: Ran | undefined;
    for (const verb of verbs) {
      last = await this.run(verb);
      assert.equal(last.code, 0, `${verb} of ${this.node}: ${last.err}${last.out}`);
    }
    return last!;
  }

  /** What a cluster of this stack has beside this host: its other servers run, its other nodes are Ready. */
  surround(): void {
    for (const entry of this.stack["nodes"] as { name: string; role: "server" | "agent"; address: string }[]) {
      const { name, role, address } = entry;
      if (name === this.node) continue;
      this.world.cluster.register({ name, role, address, version: VERSION });
      if (role === "server") this.world.cluster.others.set(address, { name, alive: true });
    }
  }

  /** Another machine is switched off, and Kubernetes misses it. */
  down(name: string, address: string): void {
    const server = this.world.cluster.others.get(address);
    if (server !== undefined) server.alive = false;
    setCondition(this.world.cluster.node(name)!, { type: "Ready", status: "Unknown" });
  }

  /** The stack's file says that a machine is gone for good. */
  lose(name: string): void {
    const list = this.stack["nodes"] as { name: string }[];
    this.stack = { ...this.stack, nodes: list.map((node) => (node.name === name ? { ...node, lost: true } : node)) };
    this.node = name;
  }

  addPod(name: string, node: string): void {
    this.world.cluster.put({
      kind: "pod",
      metadata: { name, namespace: "default", labels: {}, annotations: {} },
      spec: { nodeName: node },
    });
  }

  /** The whole host and its world as one comparable thing; without what differs from run to run by its nature. */
  state(): Record<string, unknown> {
    const tree = this.world.files.tree(...TOPS);
    const files = [...tree]
      .filter(
        ([path]) =>
          this.world.cluster.etcd.has(this.world.k3s.nodeName) || !path.startsWith("/var/lib/rancher/k3s/server/db"),
      )
      .filter(
        ([path]) =>
          !/^\/run\/(groundwork|mount)|\/snapshots\/|\/\.(groundwork|k3s)\.\w{6}$|^\/root\/\.kube|\/etcd\.not-taken-over|\/etcd-old-/.test(
            path,
          ),
      )
      // mktemp's names are of no run's choosing.
      .map(([path, text]): [string, string] => [
        path.replace(/\/good\.\w{6}/, "/good.copy").replace(ADOPTED, "/adopted-time"),
        text.replace(/^link to good\.\w{6}/, "link to good.copy").replace(ADOPTED, "/adopted-time"),
      ])
      .map(([path, text]): [string, string] => [
        path,
        path.endsWith("/begun")
          ? "a time"
          : path.endsWith("k3s.installed")
            ? text.replaceAll(/ \d+\.\d+\.\d+$/gm, "")
            : text,
      ]);
    // A server that etcd let go ends by itself and puts its data aside; one that was stopped before that keeps them.
    const units = [...this.world.systemd.units]
      .filter(([name]) => this.world.systemd.isLoaded(name) || name.endsWith(".swap"))
      .map(([name, { state, enabled, masked }]) => [
        name,
        `${state === "failed" ? "inactive" : state} ${enabled ? "enabled" : "disabled"}${masked ? " masked" : ""}`,
      ]);
    return {
      files: Object.fromEntries(files),
      units: Object.fromEntries(units),
      cluster: this.world.cluster.summary(),
      rules: this.world.rules,
    };
  }

  lostFiles(): string[] {
    return Object.entries(OWN_FILES).flatMap(([path, text]) => (this.world.files.read(path) === text ? [] : [path]));
  }

  save(): Saved {
    return save(this.world);
  }

  load(saved: Saved): void {
    load(this.world, saved);
  }
}

/** As many lanes as runs are asked for at once; each of mocha's processes has its own. */
class Lanes {
  #free: Lane[] = [];
  #all: Lane[] = [];

  async take(): Promise<Lane> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const lane = await Lane.open();
    this.#all.push(lane);
    return lane;
  }

  give(lane: Lane): void {
    this.#free.push(lane);
  }

  close(): void {
    for (const lane of this.#all) lane.close();
    this.#all = [];
    this.#free = [];
  }
}

const lanes = new Lanes();

export function closeLanes(): void {
  lanes.close();
}

/** Makes a host, hands it to a test, and takes it away again; fails when a script asked for what no stub knows. */
export async function onHost<T>(
  list: readonly string[],
  node: string,
  use: (host: Host) => Promise<T>,
  changes: Record<string, unknown> = {},
): Promise<T> {
  const lane = await lanes.take();
  try {
    const sandbox = await Sandbox.make(lane);
    try {
      const host = new Host(sandbox, stackOf(list, changes), node);
      const result = await use(host);
      assert.deepEqual(host.world.complaints, []);
      return result;
    } finally {
      await sandbox.dispose();
    }
  } finally {
    lanes.give(lane);
  }
}
