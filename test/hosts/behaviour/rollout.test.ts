import * as assert from "node:assert/strict";
import type { KubeObject } from "../fake/cluster";
import { NEXT_PATCH, onHost, type Host } from "../host";
import { member } from "../member";
import { change } from "../scenarios";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1", "agent:a2"];
const UPGRADE = { k3s: { version: NEXT_PATCH } };

/** s1 is a server that runs, and works on the node; an upgrade is wanted. */
async function upgrade(host: Host, node: string, changes: Record<string, unknown> = {}): Promise<void> {
  await member(host);
  await host.must("ready");
  host.node = node;
  host.world.cluster.node(node)!.metadata.annotations["groundwork/applied"] = "before";
  host.addPod("web-0", node);
  change(host, { ...UPGRADE, ...changes });
}

/** What the host's step leaves to ready: the node runs the version that is wanted. */
function converged(host: Host): void {
  host.world.cluster.node(host.node)!.status.nodeInfo.kubeletVersion = NEXT_PATCH;
}

function put(host: Host, kind: string, name: string, more: Record<string, unknown>, namespace?: string): KubeObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: {}, annotations: {} };
  return host.world.cluster.put({ kind, metadata, ...more });
}

const marks = (host: Host): Record<string, unknown> => {
  const { metadata, spec } = host.world.cluster.node(host.node)!;
  return {
    drained: metadata.labels["groundwork/drained"],
    cordoned: spec.unschedulable,
    check: metadata.annotations["groundwork/check"]?.replace(/\d+$/, "TIME"),
  };
};
const FREE = { drained: undefined, cordoned: undefined, check: undefined };

onHosts("rollout.check", () => {
  const check = (more: Record<string, unknown>): Record<string, unknown> => ({ rollout: { check: more } });

  it("runs as root with the cluster and the node at hand, and the roll-out goes on when it succeeds", () =>
    onHost(ONE, "s1", async (host) => {
      const command = 'id -u >/root/said\necho "$GROUNDWORK_NODE $GROUNDWORK_ROLE $KUBECONFIG" >>/root/said';
      await upgrade(host, "a1", check({ command }));
      await host.must("drain");
      converged(host);
      const { out } = await host.must("ready");
      assert.equal(host.world.files.read("/root/said"), "0\na1 agent /etc/rancher/k3s/k3s.yaml\n");
      assert.match(out, /^running rollout\.check after a1\nrollout\.check succeeded after \d+ s\na1 is Ready/m);
      assert.deepEqual(marks(host), FREE);
    }));

  it("stops the roll-out with the last lines that it said, leaves the node open, and is run again by the next up", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ command: "cat /root/app || { echo the shop is closed >&2; exit 3; }" }));
      await host.must("drain");
      converged(host);
      const { code, err } = await host.run("ready");
      assert.equal(code, 1);
      assert.match(err, /^the shop is closed\n/m);
      assert.match(
        err,
        /^error: a1: rollout\.check failed with exit code 3 after \d+ s; .+ run up again: it is run again first$/m,
      );
      assert.deepEqual(marks(host), { drained: "true", cordoned: undefined, check: "failed-TIME" });
      host.world.files.write("/root/app", "open\n");
      assert.match((await host.must("ready")).out, /^rollout\.check succeeded/m);
      assert.deepEqual(marks(host), FREE);
    }));

  it("keeps the turn of an agent until it succeeded, so that no other agent is drained meanwhile", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ command: "exit 1" }));
      await host.must("drain");
      converged(host);
      await host.run("ready");
      host.node = "a2";
      let said = false;
      // It fails once more, in the run in which the other agent waits.
      host.onSleep = () => {
        if (said) return;
        said = true;
        const now = Math.floor(Date.now() / 1000 + host.world.clock.ahead) + 5;
        host.world.cluster.node("a1")!.metadata.annotations["groundwork/check"] = `failed-${now}`;
      };
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.equal(
        err,
        "error: a2: the roll-out stops, because rollout.check failed after a1; a2 is unchanged. Mend that and run up again\n",
      );
      assert.deepEqual(marks(host), FREE);
    }));

  it("is ended with all that it started when it takes too long", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ command: "echo waiting; while :; do sleep 5; done", timeoutSeconds: 40 }));
      await host.must("drain");
      converged(host);
      const { code, out, err } = await host.run("ready");
      assert.equal(code, 1);
      assert.match(out, /waiting for rollout\.check of a1 \(\d+ of 70 s\)/);
      assert.match(err, /^waiting\nerror: a1: rollout\.check did not end within 40 s, and was ended after \d+ s; /m);
      assert.doesNotMatch(host.sandbox.command("cat /proc/[0-9]*/cmdline | tr '\\0' ' '"), /groundwork\.\w{6}\/check/);
    }));

  it("does not keep the node's lock in what it leaves in the background", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ command: "/.stub/real/sleep 1000 &" }));
      await host.must("drain");
      converged(host);
      await host.must("ready");
      assert.match((await host.must("ready")).out, /a1 is Ready/);
    }));

  it("does not run for a node that joins for the first time", () =>
    onHost(ONE, "s1", async (host) => {
      change(host, check({ command: "exit 1" }));
      await member(host, ["token", "converge"]);
      assert.match((await host.must("ready")).out, /^s1 joined just now: rollout\.check is for nodes that were there/m);
    }));

  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "smoke", namespace: "apps" },
    spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "smoke", image: "example/smoke:1" }] } } },
  };

  it("may be a Job, which is made anew for each node and taken away when it completed", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ job }));
      put(host, "job", "smoke-a1", { status: { conditions: [{ type: "Failed", status: "True" }] } }, "apps");
      await host.must("drain");
      converged(host);
      let made: KubeObject | undefined;
      host.onSleep = () => (made ??= host.world.cluster.objects.get("job/apps/smoke-a1"));
      assert.match((await host.must("ready")).out, /^rollout\.check succeeded/m);
      assert.equal(made?.metadata.annotations["groundwork/node"], "a1");
      assert.equal(host.world.cluster.objects.has("job/apps/smoke-a1"), false);
    }));

  it("says how its Job failed, and leaves it to be looked at", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ job }));
      host.world.jobsEnd = "Failed";
      await host.must("drain");
      converged(host);
      const { code, err } = await host.run("ready");
      assert.equal(code, 1);
      assert.match(err, /^the last line of the Job's log$/m);
      assert.match(
        err,
        /^error: a1: rollout\.check failed: the Job apps\/smoke-a1 ended with BackoffLimitExceeded: Job has reached the specified backoff limit after \d+ s; /m,
      );
      assert.ok(host.world.cluster.objects.has("job/apps/smoke-a1"));
      host.world.jobsEnd = "Complete";
      await host.must("ready");
    }));

  it("ends a Job that takes too long", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", check({ job, timeoutSeconds: 30 }));
      host.world.jobsEnd = "never";
      await host.must("drain");
      converged(host);
      const { code, err } = await host.run("ready");
      assert.equal(code, 1);
      assert.match(err, /^error: a1: rollout\.check did not end within 30 s: the Job apps\/smoke-a1 after 3\d s; /m);
      assert.equal(host.world.cluster.objects.has("job/apps/smoke-a1"), false);
    }));
});

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
      for (let number = 1; number <= 7; number++)
        volume(host, `pvc-${number}`, { robustness: "faulted", state: "detached" });
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

onHosts("rollout.window", () => {
  const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  /** A window that opened or opens so many hours from now, for one hour, by the sandbox's clock. */
  const inHours = (hours: number, more: Record<string, unknown> = {}): Record<string, unknown> => {
    const at = (ahead: number): Date => new Date(Date.now() + ahead * 3_600_000);
    const time = (date: Date): string => date.toISOString().slice(11, 16);
    const window = {
      days: [DAYS[at(hours).getUTCDay()]],
      startTime: time(at(hours)),
      endTime: time(at(hours + 1)),
      ...more,
    };
    return { rollout: { window } };
  };

  it("refuses a node whose k3s would restart before anything is touched, and says when it may", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", inHours(50));
      const before = host.state();
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      const opens = new Date(Date.now() + 50 * 3_600_000);
      const day = DAYS[opens.getUTCDay()]!;
      const when = `${day.charAt(0).toUpperCase()}${day.slice(1)} ${opens.toISOString().slice(0, 16).replace("T", " ")}`;
      assert.ok(err.includes(`and it opens ${when}. Nothing was changed; run up again then`), err);
      assert.match(
        err,
        /^error: a1: k3s would restart on it, and rollout\.window is closed: it is .+ in UTC, .+openUntil \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m,
      );
      assert.deepEqual(host.state(), before);
    }));

  it("lets it go on while it is open, over midnight too", () =>
    onHost(ONE, "s1", async (host) => {
      const yesterday = new Date(Date.now() - 86_400_000);
      const time = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
      // It opened yesterday, a minute after what the clock says now, and closes in ten minutes.
      const over = { days: [DAYS[yesterday.getUTCDay()]], startTime: time(11), endTime: time(10) };
      for (const window of [inHours(-0.5), { rollout: { window: over } }]) {
        await upgrade(host, "a1", window);
        assert.match((await host.must("drain")).out, /^drained a1/m);
        converged(host);
        await host.must("ready");
        host.node = "s1";
        host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "another";
      }
    }));

  it("is opened for one run by openUntil, and closed again after it", () =>
    onHost(ONE, "s1", async (host) => {
      const until = new Date(Date.now() + 600_000).toISOString();
      await upgrade(host, "a1", inHours(50, { openUntil: until }));
      assert.match((await host.must("drain")).out, /^drained a1/m);
      converged(host);
      await host.must("ready");
      host.world.clock.advance(1200);
      host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "another";
      assert.match((await host.run("drain")).err, /rollout\.window is closed/);
    }));

  it("binds neither a node that joins, nor one whose k3s stays, nor one that is down", () =>
    onHost(ONE, "s1", async (host) => {
      change(host, inHours(50));
      host.surround();
      await host.must("token", "drain", "converge", "drain", "ready", "drain");
      host.node = "a1";
      host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "before";
      host.world.cluster.node("a1")!.status.conditions = [{ type: "Ready", status: "False" }];
      change(host, UPGRADE);
      assert.match((await host.must("drain")).out, /^a1 is not Ready/m);
    }));

  it("keeps another join token waiting, with the host as it was", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      await host.must("ready");
      change(host, inHours(50));
      await host.must("token");
      const before = host.state();
      host.newToken = "another-token";
      const { code, err } = await host.run("token");
      assert.equal(code, 1);
      assert.match(err, /^error: s1: another join token restarts k3s on the servers, and rollout\.window is closed/m);
      assert.deepEqual(host.state(), before);
    }));

  it("is read in its own zone, and refused on a host that does not know the zone", () =>
    onHost(ONE, "s1", async (host) => {
      const zone = "Pacific/Kiritimati";
      await upgrade(host, "a1", inHours(14 - 0.5, { timeZone: zone }));
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(
        err,
        /does not know the time zone Pacific\/Kiritimati .+ install tzdata there, or write the window in UTC/,
      );
      host.world.files.writeBytes(`/usr/share/zoneinfo/${zone}`, zoneFile(14));
      assert.match((await host.must("drain")).out, /^drained a1/m);
    }));
});

/** A file of the zone database (RFC 8536) with one type of local time, so many hours before UTC. */
function zoneFile(hours: number): Buffer {
  const header = Buffer.alloc(44);
  header.write("TZif2");
  header.writeUInt32BE(1, 36); // types
  header.writeUInt32BE(2, 40); // letters of their names, with a NUL behind each
  const type = Buffer.alloc(8);
  type.writeInt32BE(hours * 3600);
  type.write("X", 6);
  return Buffer.concat([header, type, header, type, Buffer.from(`\n<+${hours}>-${hours}\n`)]);
}
