import assert from "node:assert/strict";
import { type ClusterOnLab, eventually, type KubernetesNode, type RunFailed } from "./clusterOnLab";
import { lives, restarted } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";

const HOSTS = ["server-1", "agent-1", "agent-2"];
const AGENTS = ["agent-1", "agent-2"];

/** Succeeds once somebody has made the ConfigMap `open`, in a cluster that is hours old in real life. */
const COMMAND = 'kubectl get configmap open -o name && echo "$GROUNDWORK_NODE was asked"';

// One lab for all of it, in this order: a change that restarts k3s everywhere goes out in steps.
describe("a roll-out with a window, a check of its own and Longhorn's volumes", function () {
  const theLab = oneLab(this, "test-rollout", async (lab) => {
    await lab.up({ servers: 1, agents: 2 });
    withoutAddons(lab);
    lab.set(["rollout"], { check: { command: COMMAND, timeoutSeconds: 60 }, window: closedWindow() });
  });
  const drained = (nodes: readonly KubernetesNode[]): string[] =>
    nodes.filter(({ spec }) => spec.unschedulable === true).map(({ metadata }) => metadata.name);

  it("creates the cluster, whatever the hour, and asks no check of a cluster that is not there yet", async () => {
    const lab = theLab();
    const { text } = await lab.run();
    for (const host of HOSTS) assert.match(text, new RegExp(`${host} joined just now: rollout\\.check is for nodes`));
    assert.deepEqual(
      (await lab.get<KubernetesNode>("nodes")).map(({ metadata }) => metadata.name).sort(),
      [...HOSTS].sort(),
    );
  });

  it("refuses a restart outside of the window, says when it may, and has touched nobody", async () => {
    const lab = theLab();
    for (const role of ["server", "agent"]) lab.set(["k3s", role], { "kubelet-arg": ["max-pods=100"] });
    const before = await lives(lab, HOSTS);
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      assert.match(
        failed.text + failed.reported,
        /server-1: k3s would restart on it, and rollout\.window is closed: .+ it opens \w{3} \d{4}-/,
      );
      return true;
    });
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
    assert.deepEqual(drained(await lab.get<KubernetesNode>("nodes")), []);
  });

  it("stops after the first node whose check fails, and names what would hold the agents before any pod moves", async () => {
    const lab = theLab();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    lab.set(["rollout", "window", "openUntil"], soon);
    await longhorn(lab);
    const before = await lives(lab, HOSTS);
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      const said = failed.text + failed.reported;
      assert.match(said, /agent-2, if its turn comes: the only copy of volume single \(default\/single\) is on it/);
      assert.match(said, /configmaps "open" not found/);
      assert.match(said, /server-1: rollout\.check failed with exit code 1 .+ the roll-out stops here/);
      return true;
    });
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), ["server-1"]);
    assert.deepEqual(drained(await lab.get<KubernetesNode>("nodes")), []);
  });

  it("goes on with the check, and drains no agent before every volume is healthy", async () => {
    const lab = theLab();
    await lab.kubectl(["create", "configmap", "open"]);
    // What the warning said was done: the volume has a second copy.
    await lab.kubectl([
      "patch",
      "volumes.longhorn.io",
      "single",
      "-n",
      "longhorn-system",
      "--type=merge",
      "-p",
      '{"spec":{"numberOfReplicas":2}}',
    ]);
    await robust(lab, "degraded");
    const before = await lives(lab, HOSTS);
    const from = lab.said().length;
    const run = lab.apply();
    await eventually("a word on the volumes", () =>
      Promise.resolve(
        lab.said().slice(from).includes("waiting for Longhorn's volumes to be healthy: pvc-1 (default/data): degraded"),
      ),
    );
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
    await robust(lab, "healthy");
    const { text } = await run;
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)).sort(), AGENTS);
    for (const agent of AGENTS) assert.match(text, new RegExp(`running rollout\\.check after ${agent}\\b`));
    assert.deepEqual(drained(await lab.get<KubernetesNode>("nodes")), []);
  });

  it("takes a Job for the check, one for each node that it changed", async () => {
    const lab = theLab();
    lab.set(["rollout", "check"], {
      job: {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "smoke" },
        spec: {
          template: {
            spec: { restartPolicy: "Never", containers: [{ name: "smoke", image: "registry.k8s.io/pause:3.10" }] },
          },
        },
      },
    });
    const before = await lives(lab, HOSTS);
    const { text } = await lab.apply();
    assert.equal(text.match(/rollout\.check succeeded after/g)?.length, HOSTS.length);
    assert.deepEqual(restarted(before, await lives(lab, HOSTS)), []);
    assert.deepEqual(await lab.get("jobs"), []);
    assert.deepEqual((await lab.apply()).operations, []);
  });
});

/** A window that opens in about twelve hours. */
function closedWindow(): Record<string, string> {
  const time = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return { startTime: time(12), endTime: time(13) };
}

/** Longhorn's definitions and two volumes, one of them with a single copy; nothing in the lab acts on them. */
async function longhorn(lab: ClusterOnLab): Promise<void> {
  const kinds = { Volume: "volumes", Replica: "replicas", Setting: "settings" };
  const definitions = Object.entries(kinds).map(([kind, plural]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.longhorn.io` },
    spec: {
      group: "longhorn.io",
      scope: "Namespaced",
      names: { kind, plural },
      versions: [
        {
          name: "v1beta2",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  }));
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "longhorn-system" } };
  await apply(lab, [namespace, ...definitions]);
  for (const plural of Object.values(kinds)) {
    await lab.kubectl(["wait", "--for=condition=Established", `crd/${plural}.longhorn.io`, "--timeout=30s"]);
  }
  const object = (kind: string, name: string, more: object): object => ({
    apiVersion: "longhorn.io/v1beta2",
    kind,
    metadata: { name, namespace: "longhorn-system" },
    ...more,
  });
  const status = (claim: string): object => ({
    state: "attached",
    robustness: "healthy",
    currentNodeID: "agent-2",
    kubernetesStatus: { namespace: "default", pvcName: claim },
  });
  const healthyAt = "2026-01-01T00:00:00Z";
  await eventually("objects of Longhorn", async () => {
    await apply(lab, [
      object("Volume", "pvc-1", { spec: { numberOfReplicas: 2 }, status: status("data") }),
      object("Volume", "single", { spec: { numberOfReplicas: 1 }, status: status("single") }),
      object("Replica", "single-r-1", { spec: { volumeName: "single", nodeID: "agent-2", healthyAt } }),
    ]);
    return true;
  });
}

async function apply(lab: ClusterOnLab, items: readonly object[]): Promise<void> {
  await lab.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

async function robust(lab: ClusterOnLab, robustness: string): Promise<void> {
  const patch = JSON.stringify({ status: { robustness } });
  await lab.kubectl(["patch", "volumes.longhorn.io", "pvc-1", "-n", "longhorn-system", "--type=merge", "-p", patch]);
}
