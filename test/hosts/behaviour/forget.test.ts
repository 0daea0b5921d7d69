import * as assert from "node:assert/strict";
import { key, setCondition } from "../fake/cluster";
import { onHost, type Host } from "../host";
import { lostTo } from "../preparations";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

function isKnown(host: Host, name: string): { node: boolean; member: boolean; password: boolean; pods: number } {
  const { cluster } = host.world;
  const pods = [...cluster.objects.values()].filter(
    (object) => object.kind === "pod" && (object["spec"] as { nodeName: string }).nodeName === name,
  );
  return {
    node: cluster.node(name) !== undefined,
    member: cluster.etcd.has(name),
    password: cluster.objects.has(key("secret", "kube-system", `${name}.node-password.k3s`)),
    pods: pods.length,
  };
}

const FORGOTTEN = { node: false, member: false, password: false, pods: 0 };
const lease = (host: Host, name: string, renewTime: string): void => {
  const metadata = { name, namespace: "kube-node-lease", labels: {}, annotations: {} };
  host.world.cluster.put({ kind: "lease", metadata, spec: { renewTime } });
};

async function refused(host: Host, says: RegExp, known: ReturnType<typeof isKnown>): Promise<void> {
  const name = host.node;
  const { code, err } = await host.run("forget");
  assert.equal(code, 1);
  assert.match(err, says);
  assert.deepEqual(isKnown(host, name), known);
}

onHosts("forget", () => {
  for (const [name, member, on] of [
    ["a1", false, "s1"],
    ["s1", true, "s2"],
    ["s3", true, "s1"],
  ] as const) {
    it(`deletes the Node, member, password and pods of ${name}, and nobody else's`, () =>
      onHost(THREE, on, async (host) => {
        await lostTo(host, name);
        assert.deepEqual(isKnown(host, name), { node: true, member, password: true, pods: 1 });
        const { out } = await host.must("forget");
        assert.match(out, new RegExp(`^${name} is forgotten; take it out of 'nodes' with the next up`, "m"));
        assert.deepEqual(isKnown(host, name), FORGOTTEN);
        assert.equal(isKnown(host, on).pods, 1);
        assert.equal(host.world.cluster.nodes().length, 3);
        await host.must("forget");
      }));
  }

  it("waits until Kubernetes misses a machine that died just now", () =>
    onHost(THREE, "s2", async (host) => {
      await lostTo(host, "s1");
      setCondition(host.world.cluster.node("s1")!, { type: "Ready", status: "True" });
      lease(host, "s1", "2026-11-28T10:00:00Z");
      host.world.clock.after(50, () =>
        setCondition(host.world.cluster.node("s1")!, { type: "Ready", status: "Unknown" }),
      );
      const { out } = await host.must("forget");
      assert.match(out, /waiting for the cluster to miss s1/);
      assert.deepEqual(isKnown(host, "s1"), FORGOTTEN);
    }));

  it("refuses a machine that lives as soon as its kubelet renews its lease", () =>
    onHost(THREE, "s1", async (host) => {
      await lostTo(host, "a1");
      setCondition(host.world.cluster.node("a1")!, { type: "Ready", status: "True" });
      lease(host, "a1", "2026-11-28T10:00:00Z");
      host.world.clock.after(8, () => lease(host, "a1", "2026-11-28T10:00:10Z"));
      const before = host.world.clock.ahead;
      await refused(host, /^error: a1: it is alive: its kubelet answers; nothing was done\. Take 'lost: true' out/m, {
        node: true,
        member: false,
        password: true,
        pods: 1,
      });
      assert.ok(host.world.clock.ahead - before < 30, "it waited for nothing");
    }));

  it("refuses a machine whose kubelet answers though Kubernetes misses it", () =>
    onHost(THREE, "s2", async (host) => {
      await lostTo(host, "s1");
      host.world.cluster.cutOff.add("s1");
      await refused(host, /s1: it is alive/, { node: true, member: true, password: true, pods: 1 });
    }));

  it("refuses where etcd would not keep its quorum, and names the way back", () =>
    onHost(["server:s1", "server:s2", "server:s3", "server:s4", "server:s5"], "s2", async (host) => {
      await lostTo(host, "s1");
      // Its etcd lives, and its kubelet does not: quorum is there, and nobody is counted on.
      for (const name of ["s3", "s4"]) {
        setCondition(host.world.cluster.node(name)!, { type: "Ready", status: "Unknown" });
      }
      await refused(
        host,
        /s1: only 2 of the other 4 servers are Ready voters, and etcd needs 3 of 5 to take a member out; nothing was done\..*'Lost machines'/,
        { node: true, member: true, password: true, pods: 1 },
      );
    }));

  it("forgets who is no member any more, after etcd was reset to one server", () =>
    onHost(THREE, "s2", async (host) => {
      await lostTo(host, "s1");
      const { cluster } = host.world;
      host.down("s3", "192.0.2.3");
      for (const name of ["s1", "s3"]) {
        cluster.etcd.delete(name);
        setCondition(cluster.node(name)!, { type: "EtcdIsVoter", status: "False", reason: "NotAMember" });
      }
      await host.must("forget");
      assert.deepEqual(isKnown(host, "s1"), FORGOTTEN);
    }));

  it("says that the quorum may be lost where the API does not answer", () =>
    onHost(THREE, "s2", async (host) => {
      await lostTo(host, "s1");
      host.down("s3", "192.0.2.3");
      host.node = "s1";
      await refused(
        host,
        /s1: the API on s2 does not answer, so nothing was forgotten\. .*etcd has lost its quorum.*'Lost machines'/,
        {
          node: true,
          member: true,
          password: true,
          pods: 1,
        },
      );
    }));

  it("takes its request back where etcd does not let the member go", () =>
    onHost(THREE, "s2", async (host) => {
      await lostTo(host, "s1");
      host.world.removalSeconds = 1000;
      await refused(host, /s1: etcd still has it as a member after 180 s/, {
        node: true,
        member: true,
        password: true,
        pods: 1,
      });
      assert.equal(host.world.cluster.node("s1")!.metadata.annotations["etcd.k3s.cattle.io/remove"], undefined);
    }));

  it("is not done on a server that is no member yet", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      host.lose("s1");
      const { code, err } = await host.run("forget");
      assert.equal(code, 1);
      assert.match(err, /s1: s2 has no cluster yet, so it cannot forget s1; put a server that is a member/);
    }));
});
