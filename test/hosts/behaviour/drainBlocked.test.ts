import * as assert from "node:assert/strict";
import type { KubeObject } from "../fake/cluster";
import { onHost, type Host } from "../host";
import { FREE, marks, ONE, put, upgrade } from "../upgrading";
import { onHosts } from "./suite";

onHosts("Longhorn's volumes and a drain", () => {
  const longhorn = (host: Host, policy?: string): void => {
    put(host, "customresourcedefinition", "volumes.longhorn.io", {});
    if (policy !== undefined) put(host, "setting", "node-drain-policy", { value: policy }, "longhorn-system");
  };
  const volume = (host: Host, name: string, more: Record<string, unknown> = {}): { robustness: string } => {
    const status = {
      state: "attached",
      robustness: "healthy",
      currentNodeID: "a1",
      kubernetesStatus: { namespace: "apps", pvcName: `data-${name}` },
      ...more,
    };
    put(host, "volume", name, { spec: { numberOfReplicas: more["copies"] ?? 3 }, status }, "longhorn-system");
    return status;
  };
  const copyOn = (host: Host, name: string, node: string): void => {
    const spec = { volumeName: name, nodeID: node, healthyAt: "2026-01-01T00:00:00Z" };
    put(host, "replica", `${name}-r-${node}`, { spec }, "longhorn-system");
  };

  it("waits until every volume is healthy again, and says for which", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1");
      longhorn(host);
      const one = volume(host, "pvc-1", { robustness: "degraded" });
      volume(host, "pvc-2");
      volume(host, "pvc-3", { state: "detached", robustness: "unknown", currentNodeID: "" });
      host.world.clock.after(25, () => (one.robustness = "healthy"));
      const { out } = await host.must("drain");
      assert.match(
        out,
        /^waiting for Longhorn's volumes to be healthy: pvc-1 \(apps\/data-pvc-1\): degraded \(10 of 1800 s\)$/m,
      );
      assert.match(out, /^drained a1: 1 pods moved$/m);
    }));

  it("drains no node when they do not become healthy in time, and gives its turn away", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", { rollout: { volumesTimeoutSeconds: 60 } });
      longhorn(host);
      for (let number = 1; number <= 7; number++) {
        volume(host, `pvc-${number}`, { robustness: "faulted", state: "detached" });
      }
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: a1: not drained, because after 60 s these volumes of Longhorn are not healthy: pvc-1 \(apps\/data-pvc-1\): faulted, .+ and 2 more\. a1 is unchanged\. /m,
      );
      assert.deepEqual(marks(host), FREE);
    }));

  it("counts an API that does not tell of them as not yet well", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", { rollout: { volumesTimeoutSeconds: 30 } });
      longhorn(host);
      host.world.apiFault = (call) =>
        call.words[0] === "volumes.longhorn.io" && (call.flags.get("--output") ?? "").includes("robustness")
          ? "refused"
          : undefined;
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(err, /are not healthy: the API does not tell\. a1 is unchanged/);
    }));

  it("does not look at them with rollout.waitForVolumes: false", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", { rollout: { waitForVolumes: false } });
      longhorn(host);
      volume(host, "pvc-1", { robustness: "faulted" });
      assert.match((await host.must("drain")).out, /^drained a1/m);
    }));

  it("names single copies that Longhorn would hold the node for, before anything moves", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1");
      longhorn(host);
      for (const name of ["pvc-1", "pvc-2"]) {
        volume(host, name, { copies: 1 });
        copyOn(host, name, "a1");
      }
      volume(host, "pvc-3", { copies: 1 });
      copyOn(host, "pvc-3", "a2");
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: a1: the only copy of volume pvc-1 \(apps\/data-pvc-1\) is on it: Longhorn's node-drain-policy \(block-if-contains-last-replica\)/m,
      );
      assert.match(err, /^error: a1: the only copy of volume pvc-2 /m);
      assert.match(
        err,
        /^error: a1: 2 of the things above would hold its drain until it is given up; nothing was changed/m,
      );
      assert.doesNotMatch(err, /pvc-3/);
      assert.deepEqual(marks(host), FREE);
    }));

  it("tells at a server's drain what will hold the agents that come later", () =>
    onHost(["server:s1", "server:s2", "server:s3", "agent:a1"], "s1", async (host) => {
      await upgrade(host, "s1");
      longhorn(host);
      volume(host, "pvc-1", { copies: 1 });
      copyOn(host, "pvc-1", "a1");
      const { err, out } = await host.must("drain");
      assert.match(
        err,
        /^warning: a1, if its turn comes: the only copy of volume pvc-1 \(apps\/data-pvc-1\) is on it: /m,
      );
      assert.match(out, /^drained s1/m);
    }));

  for (const [policy, node, code, said] of [
    [
      "block-for-eviction-if-contains-last-replica",
      "a1",
      0,
      /^the only copy of volume pvc-1 .+ is on a1: Longhorn moves it to another node first$/m,
    ],
    ["always-allow", "a1", 0, /^warning: a1: the only copy of volume pvc-1 .+ out of use while a1 is down/m],
    ["allow-if-replica-is-stopped", "a1", 0, /^drained a1/m],
    ["allow-if-replica-is-stopped", "a2", 1, /^error: a1: the only copy .+ a pod on another node uses it/m],
  ] as const) {
    it(`goes by Longhorn's own setting: ${policy}, used on ${node}`, () =>
      onHost(ONE, "s1", async (host) => {
        await upgrade(host, "a1");
        longhorn(host, policy);
        volume(host, "pvc-1", { copies: 1, currentNodeID: node });
        copyOn(host, "pvc-1", "a1");
        const ran = await host.run("drain");
        assert.equal(ran.code, code, ran.err);
        assert.match(ran.out + ran.err, said);
      }));
  }
});

onHosts("what a drain says", () => {
  for (const word of ["drained", "evicted"] as const) {
    it(`counts pods and not the node, of which kubectl says '${word}'`, () =>
      onHost(ONE, "s1", async (host) => {
        await upgrade(host, "a1");
        host.addPod("web-1", "a1");
        host.world.drainedWord = word;
        assert.match((await host.must("drain")).out, /^drained a1: 2 pods moved$/m);
      }));
  }
});

onHosts("PodDisruptionBudgets and a drain", () => {
  const budget = (
    host: Host,
    name: string,
    healthy: number,
    expected: number,
    selector: Record<string, unknown>,
  ): void => {
    const status = {
      disruptionsAllowed: Math.max(0, expected - healthy),
      desiredHealthy: healthy,
      expectedPods: expected,
    };
    put(host, "poddisruptionbudget", name, { spec: { selector }, status }, "default");
  };
  const pod = (host: Host, name: string, node: string, labels: Record<string, string>): void => {
    host.world.cluster.put({
      kind: "pod",
      metadata: {
        name,
        namespace: "default",
        labels,
        annotations: {},
        ownerReferences: [{ kind: "ReplicaSet" }],
      } as KubeObject["metadata"],
      spec: { nodeName: node },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
  };

  it("are named before anything moves, all that can let no pod go, with the pods", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1");
      pod(host, "shop-0", "a1", { app: "shop", tier: "front" });
      pod(host, "mail-0", "a1", { app: "mail" });
      pod(host, "free-0", "a1", { app: "free" });
      pod(host, "other-0", "a2", { app: "other" });
      budget(host, "shop", 1, 1, { matchLabels: { app: "shop", tier: "front" } });
      budget(host, "mail", 1, 1, { matchExpressions: [{ key: "app", operator: "In", values: ["mail", "post"] }] });
      budget(host, "free", 1, 2, { matchLabels: { app: "free" } });
      budget(host, "other", 1, 1, { matchLabels: { app: "other" } });
      const { err } = await host.must("drain");
      const lines = err.split("\n").filter((line) => line.includes("PodDisruptionBudget"));
      assert.deepEqual(
        lines.map((line) => line.replace(/: a drain waits.*/, "")),
        [
          "warning: a1: the PodDisruptionBudget default/mail lets no pod go, because 1 of 1 must be healthy (mail-0 on a1)",
          "warning: a1: the PodDisruptionBudget default/shop lets no pod go, because 1 of 1 must be healthy (shop-0 on a1)",
        ].sort((a, b) => lines.findIndex((line) => line.startsWith(a)) - lines.findIndex((line) => line.startsWith(b))),
      );
    }));
});
