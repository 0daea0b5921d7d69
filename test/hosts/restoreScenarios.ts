import type { Host } from "./host";
import { member, NEW_TOKEN } from "./member";
import type { Scenario } from "./scenario";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

/** The parts of a restore, each where the ones before it have worked. */
export const RESTORE_SCENARIOS: readonly Scenario[] = [
  {
    name: "hold of a server",
    verb: "hold",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await member(host);
      host.restore = { ...host.restore, from: "survivor" };
    },
  },
  {
    name: "reset of a server that joins another one",
    verb: "reset_etcd",
    nodes: THREE,
    node: "s2",
    prepare: heldWithSnapshot,
  },
  {
    name: "reset of a survivor",
    verb: "reset_etcd",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await member(host);
      host.restore = { from: "survivor", chosen: "s2", snapshot: "" };
      await host.must("hold");
    },
  },
  {
    name: "start of the restored server",
    verb: "start_restored",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await heldWithSnapshot(host);
      await host.must("reset_etcd");
    },
  },
  {
    name: "start of a server with a snapshot of before a rotation",
    verb: "start_restored",
    nodes: THREE,
    node: "s1",
    prepare: resetToOldToken,
  },
  { name: "joining of another server", verb: "rejoin", nodes: THREE, node: "s3", prepare: resetElsewhere },
  {
    name: "joining of the first server",
    verb: "rejoin",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => resetElsewhere(host, "s2"),
  },
  {
    name: "finish on a server",
    verb: "finish_restore",
    nodes: THREE,
    node: "s3",
    prepare: async (host) => {
      await resetElsewhere(host);
      await host.must("rejoin");
    },
  },
  {
    name: "undo on the server that was reset",
    verb: "undo_restore",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await heldWithSnapshot(host);
      const { cluster } = host.world;
      const before = { resets: cluster.resets, passwords: cluster.passwords, token: cluster.token };
      await host.must("reset_etcd");
      // The others still have the cluster of before, and this one comes back to them.
      Object.assign(cluster, before);
      for (const name of ["s1", "s3"]) cluster.etcd.add(name);
    },
  },
  {
    name: "an agent after a restore",
    verb: "restart_agent",
    nodes: ["server:s1", "agent:a1"],
    node: "a1",
    prepare: async (host) => member(host),
  },
];

/** A snapshot was saved, something came after it, and k3s is down for its restore. */
export async function heldWithSnapshot(host: Host): Promise<void> {
  await member(host);
  await saved(host);
  host.world.cluster.put({
    kind: "configmap",
    metadata: { name: "later", namespace: "default", labels: {}, annotations: {} },
  });
  await host.must("hold");
}

/** Saves a snapshot, which the restore of this host is about from then on. */
export async function saved(host: Host): Promise<void> {
  const { out } = await host.must("save_now");
  host.restore = { from: "snapshot", chosen: host.node, snapshot: /^path=(.+)$/m.exec(out)![1]! };
}

/** The server token was rotated after the snapshot; etcd is as the snapshot has it, sealed with the token before. */
export async function resetToOldToken(host: Host): Promise<void> {
  await member(host);
  await saved(host);
  // The rotation is of a later second than the snapshot.
  host.world.clock.advance(5);
  host.newToken = NEW_TOKEN;
  await host.must("token", "drain", "converge");
  await host.must("hold", "reset_etcd");
}

/** Another server was reset and runs; this one still has its data of before. */
export async function resetElsewhere(host: Host, chosen = "s1"): Promise<void> {
  await member(host);
  host.restore = { from: "snapshot", chosen, snapshot: "/var/lib/groundwork/snapshots/mine" };
  await host.must("hold");
  const { cluster } = host.world;
  cluster.resets += 1;
  cluster.etcd.clear();
  cluster.etcd.add(chosen);
}
