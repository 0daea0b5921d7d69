import * as assert from "node:assert/strict";
import { setCondition } from "../fake/cluster";
import { onHost, VERSION, type Host } from "../host";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];
const REPLACE =
  "If the machine that had the name is gone for good, set lost: true on the node, run up, take lost out again, and run up; if it lives, take the node out of 'nodes', run up, and add it with this machine's address";

/** The stack's file says something else of a node. */
function set(host: Host, name: string, changes: Record<string, unknown>): void {
  const list = host.stack["nodes"] as { name: string }[];
  host.stack = { ...host.stack, nodes: list.map((node) => (node.name === name ? { ...node, ...changes } : node)) };
}

/** An agent that is Ready, worked on from this server. */
async function agentOf(host: Host): Promise<void> {
  host.surround();
  await host.must("token", "converge", "ready");
  host.node = "a1";
  await host.must("drain", "ready");
  const secret = { name: "a1.node-password.k3s", namespace: "kube-system", labels: {}, annotations: {} };
  host.world.cluster.put({ kind: "secret", metadata: secret });
}
const hasPassword = (host: Host): boolean =>
  [...host.world.cluster.objects.keys()].some((id) => id.includes("a1.node-password"));

onHosts("a machine that is not the one that had its name", () => {
  it("does not join as a server while the cluster has a member of its name", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      host.world.cluster.register({ name: "s2", role: "server", address: "192.0.2.99", version: VERSION });
      await host.must("token");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(
        err,
        new RegExp(
          `^error: s2: the cluster has a server s2 already, a member of etcd, and this host is another, empty one; k3s was not started. ${REPLACE}$`,
          "m",
        ),
      );
      assert.equal(host.world.k3s.apiUp, false);
      assert.equal(host.world.files.exists("/run/groundwork/members"), false, "the token was left in a file");
      host.world.cluster.etcd.delete("s2");
      await host.must("converge");
    }));

  it("shows the token to nobody but the cluster that the token names", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      await host.must("token");
      const asked: string[] = [];
      host.world.apiFault = ({ flags }) => void asked.push(flags.get("--raw") ?? "");
      host.world.files.write("/etc/rancher/k3s/token", `K10${"0".repeat(64)}::server:server-secret\n`, 0o600);
      const { err } = await host.run("converge");
      assert.match(err, /warning: s2: the server at 192\.0\.2\.1:6443 does not tell its members/);
      assert.ok(asked.includes("/cacerts") && !asked.includes("/db/info"), asked.join());
    }));

  it("is told what it is when the host is empty, and the state says that it was made", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: s2: this host is empty, but s2 was made before, and has no join token here; nothing was changed\. If the machine/m,
      );
      assert.deepEqual(host.world.files.exists("/usr/local/bin/k3s"), false);
    }));

  it("is refused as an agent while the one that has the name lives", () =>
    onHost(THREE, "s1", async (host) => {
      await agentOf(host);
      set(host, "a1", { address: "192.0.2.77", hostKey: "ssh-ed25519 another" });
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: a1: the machine at 192\.0\.2\.77 has another host key than the one at 192\.0\.2\.4, which is a1 and lives; nothing was touched\. To replace it: take a1 out/m,
      );
      assert.ok(hasPassword(host));
    }));

  for (const [title, changes] of [
    ["at another address", { address: "192.0.2.77", hostKey: "ssh-ed25519 another" }],
    ["installed anew at the same address", { hostKey: "ssh-ed25519 another" }],
  ] as const) {
    it(`may take the name of an agent that is down: ${title}`, () =>
      onHost(THREE, "s1", async (host) => {
        await agentOf(host);
        setCondition(host.world.cluster.node("a1")!, { type: "Ready", status: "Unknown" });
        set(host, "a1", changes);
        assert.match((await host.must("drain")).out, /^a1 is down, and the machine at \S+ may take its name$/m);
        assert.ok(!hasPassword(host));
      }));
  }

  for (const [title, changes] of [
    ["another address", { address: "192.0.2.77" }],
    ["another host key", { hostKey: "ssh-ed25519 another" }],
    ["another comment behind its key", { hostKey: "ssh-ed25519 a1 comment" }],
  ] as const) {
    it(`is the same machine with ${title} alone`, () =>
      onHost(THREE, "s1", async (host) => {
        await agentOf(host);
        set(host, "a1", changes);
        await host.must("drain", "ready");
        assert.ok(hasPassword(host));
      }));
  }
});

onHosts("a server's address in the cluster", () => {
  const refused = async (host: Host, says: RegExp): Promise<void> => {
    const before = host.world.files.read("/etc/rancher/k3s/config.yaml");
    const { code, err } = await host.run("drain");
    assert.equal(code, 1, "it was not refused");
    assert.match(err, says);
    assert.equal(host.world.files.read("/etc/rancher/k3s/config.yaml"), before);
  };

  it("does not change in place: etcd knows its members by it", () =>
    onHost(THREE, "s1", async (host) => {
      host.surround();
      await host.must("token", "converge", "ready");
      set(host, "s1", { internalIp: "192.0.2.1" });
      await host.must("drain");
      set(host, "s1", { internalIp: "192.0.2.50" });
      await refused(
        host,
        /^error: s1: etcd has this server at 192\.0\.2\.1, and it is to be 192\.0\.2\.50; an address of a member does not change in place\. Take s1 out of 'nodes'/m,
      );
    }));

  it("nor by another interface", () =>
    onHost(THREE, "s1", async (host) => {
      host.surround();
      await host.must("token", "converge", "ready");
      host.world.links.set("wg0", ["10.9.0.1/24"]);
      set(host, "s1", { interface: "eth0" });
      await host.must("drain");
      set(host, "s1", { interface: "wg0" });
      await refused(host, /etcd has this server at 192\.0\.2\.1, and it is to be 10\.9\.0\.1/);
    }));

  it("nor on the only server, where k3s has a way", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      await host.must("token", "converge", "ready");
      set(host, "s1", { internalIp: "192.0.2.50" });
      await refused(
        host,
        /it is the only one\. .*'systemctl stop k3s && k3s server --cluster-reset --node-ip 192\.0\.2\.50' on it/,
      );
    }));
});
