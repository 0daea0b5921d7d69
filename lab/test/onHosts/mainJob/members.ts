import assert from "node:assert/strict";
import { type ClusterOnLab, eventually, type KubernetesNode, type KubernetesObject } from "../clusterOnLab";
import { lives, restarted, traces } from "../hostFacts";

const MEMBERS = ["server-1", "agent-1", "agent-2"];
const OWN = ["agent-3", "agent-3-drain", "agent-3-ready", "agent-3-token"];

export function itKeepsMembers(theLab: () => ClusterOnLab): void {
  it("an added agent is Ready, and nothing but its own resources is touched", async () => {
    const lab = theLab();
    const before = await lives(lab, MEMBERS);
    const { operations } = await lab.run({ agents: 3 });
    assert.deepEqual(
      [...operations].sort(),
      OWN.map((name) => `created ${name}`),
    );
    assert.deepEqual(restarted(before, await lives(lab, MEMBERS)), []);
    await ready(lab, 4);
  });

  it("a removed agent leaves the cluster, and its host is clean", async () => {
    const lab = theLab();
    const before = await lives(lab, MEMBERS);
    // The host stays until the next 'lab run': it is looked at here.
    await lab.up({ agents: 2 });
    const { operations } = await lab.apply();
    assert.deepEqual(
      [...operations].sort(),
      OWN.map((name) => `deleted ${name}`),
    );
    assert.deepEqual((await nodeNames(lab)).sort(), [...MEMBERS].sort());
    const secrets = await lab.get("secrets", "-n", "kube-system");
    assert.ok(
      !secrets.some(({ metadata }) => metadata.name.startsWith("agent-3.node-password")),
      "its password is gone",
    );
    assert.deepEqual(await traces(lab, "agent-3"), []);
    assert.deepEqual(restarted(before, await lives(lab, MEMBERS)), []);
  });

  it("the same machine joins again under the same name", async () => {
    const lab = theLab();
    const { operations } = await lab.run({ agents: 3 });
    assert.deepEqual(
      [...operations].sort(),
      OWN.map((name) => `created ${name}`),
    );
    await ready(lab, 4);
  });

  it("with fewer nodes, what follows their number follows: Longhorn's copies", async () => {
    const lab = theLab();
    await lab.run({ agents: 1 });
    assert.deepEqual((await nodeNames(lab)).sort(), ["agent-1", "server-1"]);
    const classes = await lab.get<KubernetesObject & { parameters?: Record<string, string> }>("storageclasses");
    assert.equal(classes.find(({ metadata }) => metadata.name === "longhorn")?.parameters?.["numberOfReplicas"], "2");
    await lab.run({ agents: 2 });
    await ready(lab, 3);
  });
}

async function nodeNames(lab: ClusterOnLab): Promise<string[]> {
  return (await lab.get<KubernetesNode>("nodes")).map(({ metadata }) => metadata.name);
}

async function ready(lab: ClusterOnLab, count: number): Promise<void> {
  await eventually(`${String(count)} Ready nodes`, async () => {
    const nodes = await lab.get<KubernetesNode>("nodes");
    const isReady = nodes.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    return nodes.length === count && isReady.length === count;
  });
}
