import * as assert from "node:assert/strict";
import type { KubeObject } from "../fake/cluster";
import { onHost } from "../host";
import { member } from "../member";
import { change } from "../preparations";
import { converged, FREE, marks, ONE, put, upgrade } from "../upgrading";
import { onHosts } from "./suite";

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
