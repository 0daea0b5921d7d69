import * as assert from "node:assert/strict";
import type { ApiFault } from "../fake/call";
import { onHost, type Host } from "../host";
import { spread } from "../cases";
import { member } from "../member";
import { SHELLS } from "../sandbox/sandbox";
import { onHosts } from "./suite";

const READY = ["token", "converge", "ready"] as const;
const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];

function gone(host: Host): void {
  const { cluster, systemd } = host.world;
  assert.equal(cluster.etcd.has("s2"), false, "etcd still has it");
  assert.equal(cluster.node("s2"), undefined, "its Node is still there");
  assert.equal(
    [...cluster.objects.keys()].some((id) => id.includes("s2.node-password")),
    false,
    "its password is still there",
  );
  host.world.clock.advance(300);
  assert.notEqual(systemd.unit("k3s").state, "active", "k3s runs again");
  assert.equal(cluster.etcd.has("s2"), false, "it joined again");
}

function stayed(host: Host): void {
  const { cluster } = host.world;
  assert.equal(cluster.etcd.has("s2"), true, "etcd has let it go");
  assert.notEqual(cluster.node("s2"), undefined, "its Node is gone");
}

const lists = (answer: ReturnType<ApiFault>, how: "once" | "always"): ApiFault => {
  let seen = 0;
  return ({ verb, words }) => {
    if (verb !== "get" || words[0]?.startsWith("node") !== true || words.length > 1) return undefined;
    seen += 1;
    return how === "always" || seen === 1 ? answer : undefined;
  };
};

onHosts("leave", () => {
  for (const answer of ["timeout", "refused"] as const) {
    it(`does not take an API with no answer for an empty list: ${answer} (fault 3)`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        host.world.apiFault = lists(answer, "always");
        const { code, out } = await host.run("leave");
        assert.equal(code, 1, out);
        assert.doesNotMatch(out, /last server/);
        stayed(host);
      }));

    it(`asks again after one listing that failed: ${answer} (fault 3)`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        host.world.apiFault = lists(answer, "once");
        const { code, err } = await host.run("leave");
        assert.equal(code, 0, err);
        gone(host);
      }));
  }

  it("keeps the quorum whichever listing fails (fault 3)", async () => {
    for (let nth = 1; nth <= 8; nth++) {
      await onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        host.down("s3", "192.0.2.3");
        let seen = 0;
        host.world.apiFault = ({ verb, words }) =>
          verb === "get" && words.length === 1 && (seen += 1) === nth ? "refused" : undefined;
        const { code, out } = await host.run("leave");
        assert.equal(code, 1, `listing ${nth} failed: ${out}`);
        stayed(host);
      });
    }
  });

  it("is refused by the drain's guard as well, whichever listing fails (fault 3)", async () => {
    for (let nth = 1; nth <= 4; nth++) {
      await onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        host.down("s3", "192.0.2.3");
        host.stack = { ...host.stack, k3s: { version: "v1.35.9+k3s1" } };
        let seen = 0;
        host.world.apiFault = ({ verb, words }) =>
          verb === "get" && words.length === 1 && (seen += 1) === nth ? "refused" : undefined;
        const { code, out } = await host.run("drain");
        assert.equal(code, 1, `listing ${nth} failed: ${out}`);
      });
    }
  });

  it("goes on after etcd let the member go and the API failed before the Node was deleted (fault 6)", () =>
    onHost(THREE, "s2", async (host) => {
      await member(host, READY);
      host.world.apiFault = ({ verb }) => (verb === "delete" ? "refused" : undefined);
      assert.equal((await host.run("leave")).code, 1);
      host.world.apiFault = () => undefined;
      host.world.clock.advance(60);
      const { code, err } = await host.run("leave");
      assert.equal(code, 0, err);
      gone(host);
    }));

  it("goes on from wherever it was killed (fault 6)", async () => {
    const count = await onHost(THREE, "s2", async (host) => {
      await member(host, READY);
      return (await host.run("leave")).count;
    });
    for (const at of spread(
      Array.from({ length: count }, (_, index) => index + 1),
      12,
    )) {
      await onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        await host.run("leave", { fault: { at, how: "kill" } });
        host.world.clock.advance(30);
        const { code, err } = await host.run("leave");
        assert.equal(code, 0, `killed at ${at}: ${err}`);
        gone(host);
      });
    }
  });

  for (const [seconds, shows] of [
    [51, "annotation"],
    [140, "annotation"],
    [51, "condition"],
  ] as const) {
    it(`waits for etcd's removal that takes ${seconds} s and shows as ${shows} (fault 22)`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        Object.assign(host.world, { removalSeconds: seconds, removalShows: shows });
        const { code, err } = await host.run("leave");
        assert.equal(code, 0, err);
        gone(host);
      }));
  }

  it("finds the other servers on a host that has wget and no curl (fault 16)", () =>
    onHost(THREE, "s2", async (host) => {
      await member(host, READY);
      host.sandbox.hide("curl");
      const { code, err } = await host.run("leave");
      assert.equal(code, 0, err);
      gone(host);
    }));

  for (const shell of SHELLS) {
    it(`takes over the cluster's lock of a run that died (${shell})`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        const metadata = { name: "groundwork", namespace: "kube-system", labels: {}, annotations: {} };
        host.world.cluster.put({ kind: "lease", metadata, spec: { holderIdentity: "s3-dead" } });
        const { code, err } = await host.run("leave", { shell });
        assert.equal(code, 0, err);
        gone(host);
        assert.equal(
          [...host.world.cluster.objects.values()].some(({ kind }) => kind === "lease"),
          false,
        );
      }));

    it(`waits for a run that holds the cluster's lock and renews it (${shell})`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        const metadata = { name: "groundwork", namespace: "kube-system", labels: {}, annotations: {} };
        host.world.slept = () => {
          host.world.cluster.put({ kind: "lease", metadata, spec: { holderIdentity: "s3-alive" } });
        };
        host.world.slept();
        const { code, err } = await host.run("leave", { shell });
        assert.equal(code, 1);
        assert.match(err, /^error: s2: .*lock/m);
        stayed(host);
      }));
  }

  for (const byHand of [false, true]) {
    it(`leaves a server ${byHand ? "cordoned by hand as it was" : "open"} when another one went down while its pods moved`, () =>
      onHost(THREE, "s2", async (host) => {
        await member(host, READY);
        const node = host.world.cluster.node("s2")!;
        if (byHand) node.spec.unschedulable = true;
        host.addPod("web", "s2");
        let locked = false;
        host.world.apiFault = ({ verb }) => {
          if (verb === "create" && !locked) host.down("s3", "192.0.2.3");
          locked ||= verb === "create";
          return undefined;
        };
        const { code, out, err } = await host.run("leave");
        assert.match(out, /drained s2/);
        assert.equal(code, 1);
        assert.match(err, /^error: s2: only 1 of the other 2 servers are Ready voters/m);
        stayed(host);
        assert.equal(node.spec.unschedulable === true, byHand);
        assert.equal(node.metadata.labels["groundwork/drained"], undefined);
      }));
  }

  it("lets the last server of a cluster go without asking anyone", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, READY);
      const { code, err } = await host.run("leave");
      assert.equal(code, 0, err);
    }));
});
