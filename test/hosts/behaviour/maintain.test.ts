import * as assert from "node:assert/strict";
import { scriptOf } from "../../../components/k3s/script";
import { desiredCluster } from "../../../desired/cluster";
import { allNodes, type DesiredNode } from "../../../desired/nodes";
import { doctorProgram, healthIn } from "../../../operate/doctor/host";
import { maintenanceProgram, type MaintenanceVerb } from "../../../operate/node/maintain";
import { settingsOf } from "../../program";
import { setCondition } from "../fake/cluster";
import { onHost, type Host } from "../host";
import { member } from "../member";
import type { Fault, Ran } from "../sandbox/sandbox";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1", "agent:a2"];
const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

function nodeOf(host: Host, name: string): DesiredNode {
  const { nodes } = desiredCluster({ ...settingsOf(host.stack), stack: host.otherStack }, "groundwork");
  return allNodes(nodes).find((node) => node.name === name)!;
}

/** Runs a verb about a node on the sandbox's host, which is a server. */
function run(host: Host, name: string, verb: MaintenanceVerb, fault: Fault = {}): Promise<Ran> {
  const program = maintenanceProgram(nodeOf(host, name), host.node, 60);
  return host.sandbox.run(scriptOf(program), verb, { fault });
}
async function must(host: Host, name: string, verb: MaintenanceVerb): Promise<string> {
  const { code, out, err } = await run(host, name, verb);
  assert.equal(code, 0, `${verb} of ${name}: ${err}${out}`);
  return out;
}

async function operator(host: Host): Promise<void> {
  await member(host);
  await host.must("ready");
  host.addPod("web", "a1");
  host.addPod("other", host.node);
}
const marksOf = (host: Host, name: string): Record<string, unknown> => {
  const { metadata, spec } = host.world.cluster.node(name)!;
  const ours = (texts: Record<string, string>): string[] =>
    Object.keys(texts).filter((key) => /^groundwork\/(drained|keep-cordoned|maintenance|down)$/.test(key));
  return { cordoned: spec.unschedulable === true, marks: [...ours(metadata.labels), ...ours(metadata.annotations)] };
};
const CLEAN = { cordoned: false, marks: [] };

onHosts("maintenance of a node", () => {
  it("drains it until it is uncordoned, and says since when", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      assert.match(await must(host, "a1", "maintain"), /^drained a1: 1 pods moved$/m);
      assert.deepEqual(marksOf(host, "a1"), { cordoned: true, marks: ["groundwork/maintenance"] });
      assert.match(await must(host, "a1", "preview_uncordon"), /^a1 is drained for maintenance since \d{4}-/m);
      assert.match(await must(host, "a1", "uncordon"), /^a1 takes pods again$/m);
      assert.deepEqual(marksOf(host, "a1"), CLEAN);
      assert.match(await must(host, "a1", "preview_uncordon"), /^a1 takes pods: nothing would change$/m);
    }));

  it("uncordons it when the drain is given up, unless it was cordoned before", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      host.world.drainBlocked = true;
      const { code, err } = await run(host, "a1", "maintain");
      assert.equal(code, 1);
      assert.match(err, /disruption budget/);
      assert.match(err, /^error: a1: not drained within 60 s; it is uncordoned\./m);
      assert.deepEqual(marksOf(host, "a1"), CLEAN);
      host.world.cluster.node("a1")!.spec.unschedulable = true;
      assert.match((await run(host, "a1", "maintain")).err, /it is cordoned as it was before\./);
      assert.deepEqual(marksOf(host, "a1"), { cordoned: true, marks: [] });
    }));

  it("leaves a node that a person drained cordoned when a roll-out comes by", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      await must(host, "a1", "maintain");
      host.node = "a1";
      const list = host.stack["nodes"] as Record<string, unknown>[];
      const repair = { at: "2026-01-02T03:04:05Z", drain: true };
      host.stack = { ...host.stack, nodes: list.map((node) => (node["name"] === "a1" ? { ...node, repair } : node)) };
      await host.must("drain", "ready");
      assert.deepEqual(marksOf(host, "a1"), { cordoned: true, marks: ["groundwork/maintenance"] });
    }));

  it("says what a drain would do, and changes nothing", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      const before = host.state();
      assert.deepEqual((await must(host, "a1", "preview")).trimEnd().split("\n"), [
        "a1 is Ready",
        "would move default/web",
      ]);
      assert.deepEqual(host.state(), before);
    }));

  it("is refused for a node that is no member, and on a host of another stack", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      host.world.cluster.remove(host.world.cluster.node("a2")!);
      assert.match((await run(host, "a2", "maintain")).err, /^error: a2: it is not a member of the cluster; run up$/m);
      host.otherStack = "other";
      const { code, err } = await run(host, "a1", "maintain");
      assert.equal(code, 1);
      assert.match(err, /this host belongs to node s1 of stack test/);
      assert.deepEqual(marksOf(host, "a1"), CLEAN);
    }));
});

onHosts("a reboot", () => {
  it("drains before, and waits for a word of the kubelet from after it", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      assert.match(await must(host, "a1", "begin_reboot"), /^drained a1: 1 pods moved$/m);
      assert.deepEqual(marksOf(host, "a1"), { cordoned: true, marks: ["groundwork/drained"] });
      beats(host, "a1", 20);
      const out = await must(host, "a1", "finish_reboot");
      assert.match(out, /waiting for a1 to be Ready \(10 of/);
      assert.match(out, /^a1 is Ready again$/m);
      assert.deepEqual(marksOf(host, "a1"), CLEAN);
    }));

  it("keeps a node cordoned that does not come back, and uncordon ends it", () =>
    onHost(ONE, "s1", async (host) => {
      await operator(host);
      await must(host, "a1", "begin_reboot");
      const { code, err } = await run(host, "a1", "finish_reboot");
      assert.equal(code, 1);
      assert.match(err, /^error: a1: not Ready \d+ s after the reboot; it stays cordoned\./m);
      assert.deepEqual(marksOf(host, "a1"), { cordoned: true, marks: ["groundwork/drained"] });
      await must(host, "a1", "uncordon");
      assert.deepEqual(marksOf(host, "a1"), CLEAN);
    }));

  it("of a server is refused while the others would have no quorum, and says so before", () =>
    onHost(THREE, "s1", async (host) => {
      await operator(host);
      for (const name of ["s2", "s3"])
        setCondition(host.world.cluster.node(name)!, { type: "EtcdIsVoter", status: "True" });
      host.down("s3", "192.0.2.3");
      const preview = await run(host, "s1", "preview");
      assert.match(
        preview.err,
        /^warning: s1: rebooting it would cost etcd its quorum: only 1 of the other 2 servers/m,
      );
      const { code, err } = await run(host, "s1", "begin_reboot");
      assert.equal(code, 1);
      assert.match(err, /restarting k3s would cost etcd its quorum/);
      assert.deepEqual(marksOf(host, "s1"), CLEAN);
    }));

  it("can be cut off anywhere in its beginning, and run again", async () => {
    const count = await onHost(ONE, "s1", async (host) => {
      await operator(host);
      return (await run(host, "a1", "begin_reboot")).count;
    });
    const step = Math.max(1, Math.floor(count / 8));
    for (let at = 1; at <= count; at += step) {
      await onHost(ONE, "s1", async (host) => {
        await operator(host);
        await run(host, "a1", "begin_reboot", { at, how: "kill" });
        host.world.clock.advance(70);
        await must(host, "a1", "begin_reboot");
        beats(host, "a1", 5);
        await must(host, "a1", "finish_reboot");
        assert.deepEqual(marksOf(host, "a1"), CLEAN, `killed at ${String(at)} of ${String(count)}`);
      });
    }
  });
});

/** The node's kubelet renews its Lease after so many seconds. */
function beats(host: Host, name: string, seconds: number): void {
  const beat = (renewTime: string): void => {
    const metadata = { name, namespace: "kube-node-lease", labels: {}, annotations: {} };
    host.world.cluster.put({ kind: "lease", metadata, spec: { renewTime } });
  };
  beat("2026-01-01T00:00:00.000000Z");
  host.world.clock.after(seconds, () => beat("2026-01-01T00:01:00.000000Z"));
}

onHosts("doctor's look at a host", () => {
  for (const shell of ["dash", "bash"] as const) {
    it(`tells unit, disk, etcd and snapshots, and changes nothing (${shell})`, () =>
      onHost(ONE, "s1", async (host) => {
        await member(host);
        const { files } = host.world;
        files.write("/var/lib/rancher/k3s/server/db/snapshots/etcd-snapshot-s1-1", "data");
        files.write("/var/lib/rancher/k3s/server/tls/client-x.crt", "not a certificate");
        files.write("/var/lib/groundwork/restart-pending", "");
        const before = host.state();
        const program = doctorProgram(nodeOf(host, "s1"), {});
        const { code, out, err } = await host.sandbox.run(scriptOf(program), "doctor", { shell });
        assert.deepEqual(host.state(), before);
        const health = healthIn({ code: code ?? 130, stdout: out, stderr: err }, { ahead: 0, within: 0 });
        assert.deepEqual(health.unit, { name: "k3s", active: "active" });
        assert.equal(health.disk.place, "/var/lib/rancher/k3s");
        assert.ok(health.disk.free > 0 && health.disk.free <= health.disk.all, JSON.stringify(health.disk));
        assert.deepEqual(health.left, ["restart-pending"]);
        assert.deepEqual(
          health.certificates.filter(({ path }) => path === "server/tls/client-x.crt"),
          [{ path: "server/tls/client-x.crt", endsAt: undefined, isAuthority: false }],
        );
        assert.ok(typeof health.snapshot === "object" && health.snapshot.bytes === 4);
      }));
  }
});
