import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type ClusterOnLab, eventually, type KubernetesNode } from "./clusterOnLab";
import { life } from "./hostFacts";
import { docker } from "./labOnDocker";
import { oneLab, withoutAddons } from "./oneLab";
import { doctorErrors as errors, groundwork } from "./verb";

const CONFIG = "/etc/rancher/k3s/config.yaml";

// One lab for all of it, in this order: each test leaves a cluster as the stack's file says.
describe("verbs on a running cluster", function () {
  const theLab = oneLab(this, "test-doctor", async (lab) => {
    await lab.up({ servers: 1, agents: 1 });
    withoutAddons(lab);
    await lab.run();
  });

  it("drift finds nothing on what up made, and doctor no error", async () => {
    const lab = theLab();
    const drift = await groundwork(lab, "drift");
    assert.deepEqual(
      [drift.code, drift.out],
      [0, "  server-1: as the stack file says\n  agent-1: as the stack file says\n"],
    );
    assert.deepEqual(await errors(lab), []);
  });

  it("status says who answers where", async () => {
    const { code, out } = await groundwork(theLab(), "status");
    assert.equal(code, 0, out);
    assert.match(out, /^server-1 +server +ok +active +v\S+ +Ready$/m);
    assert.match(out, /^API +https:\/\/\S+ +answers$/m);
  });

  it("an unchanged up contacts no host; a setting edited by hand and a stopped k3s-agent are drift", async () => {
    const lab = theLab();
    await lab.on("agent-1", `echo 'debug: true' >>${CONFIG}; systemctl stop k3s-agent`);
    assert.deepEqual((await lab.apply()).operations, []);
    const { code, out } = await groundwork(lab, "drift", "--diff");
    assert.equal(code, 3, out);
    assert.match(out, /^! agent-1: \/etc\/rancher\/k3s\/config\.yaml was changed: 1 line more$/m);
    assert.match(out, /^ {4}\+debug: true$/m);
    assert.match(out, /^! agent-1: k3s-agent is (failed|inactive)$/m);
    assert.match(out, /^ {2}server-1: as the stack file says$/m);
  });

  it("doctor is red for it, by cause", async () => {
    const found = await eventually("the node is told to be down", async () => {
      const all = await errors(theLab());
      return all.some((text) => text.startsWith("node agent-1: not Ready")) && all;
    });
    assert.ok(
      found.includes("service agent-1: k3s-agent is failed") ||
        found.includes("service agent-1: k3s-agent is inactive"),
      found.join("\n"),
    );
    assert.ok(
      found.every((text) => /^(service|node|workload) /.test(text)),
      found.join("\n"),
    );
  });

  it("drift --repair stamps exactly that node, and the next up brings it back", async () => {
    const lab = theLab();
    const before = readFileSync(lab.paths.stackFile, "utf8");
    const dry = await groundwork(lab, "drift", "--repair", "--dry-run");
    assert.match(dry.err, /a stamp for agent-1 \(drained before\) would be written/);
    assert.equal(readFileSync(lab.paths.stackFile, "utf8"), before);

    await groundwork(lab, "drift", "--repair");
    const added = readFileSync(lab.paths.stackFile, "utf8")
      .split("\n")
      .filter((line) => !before.split("\n").includes(line));
    assert.equal(added.length, 1, added.join("\n"));
    assert.match(added[0] ?? "", /^ +repair: \{ at: "\S+", drain: true \}$/);

    const server = await life(lab, "server-1");
    const { operations } = await lab.apply();
    assert.deepEqual(
      operations,
      ["agent-1-token", "agent-1-drain", "agent-1", "agent-1-ready"].map((name) => `updated ${name}`),
    );
    assert.equal(await life(lab, "server-1"), server, "the server was left alone");
    assert.equal((await groundwork(lab, "drift")).code, 0);
    assert.deepEqual(await errors(lab), []);
    assert.deepEqual((await lab.apply()).operations, []);
  });

  it("a label that was taken off is drift too", async () => {
    const lab = theLab();
    lab.setNode("agent-1", "labels", { "example.org/disk": "ssd" });
    await lab.apply();
    await lab.kubectl(["label", "node", "agent-1", "example.org/disk-"]);
    const { code, out } = await groundwork(lab, "drift");
    assert.equal(code, 3);
    assert.match(out, /^! agent-1: label example\.org\/disk=ssd is missing$/m);
    await groundwork(lab, "drift", "--repair");
    await lab.apply();
    assert.equal((await groundwork(lab, "drift")).code, 0);
  });

  it("a node is drained for maintenance until it is uncordoned, and up leaves it so", async () => {
    const lab = theLab();
    assert.equal((await groundwork(lab, "node", "drain", "agent-1")).code, 0);
    assert.deepEqual(await cordoned(lab), ["agent-1"]);
    lab.setNode("agent-1", "labels", { "example.org/disk": "hdd" });
    await lab.apply();
    assert.deepEqual(await cordoned(lab), ["agent-1"]);
    const { out } = await groundwork(lab, "doctor", "--quiet");
    assert.match(out, /^! cordoned agent-1: it is drained for maintenance since /m);
    assert.equal((await groundwork(lab, "node", "uncordon", "agent-1")).code, 0);
    assert.deepEqual(await cordoned(lab), []);
  });

  // A container that reboots only ends: whoever stands for the machine's power button starts it again.
  it("a reboot drains, waits for the machine, and ends when its kubelet is heard again", async () => {
    const lab = theLab();
    const container = `groundwork-lab-${lab.name}-agent-1`;
    const rebooted = groundwork(lab, "node", "reboot", "agent-1");
    await eventually("the machine goes down", () =>
      Promise.resolve(docker("inspect", "-f", "{{.State.Status}}", container).trim() === "exited"),
    );
    assert.deepEqual(await cordoned(lab), ["agent-1"]);
    await lab.up({});
    const { code, out, err } = await rebooted;
    assert.equal(code, 0, out + err);
    assert.match(out, /^agent-1: back after \d+ s$/m);
    assert.match(out, /^agent-1 is Ready again$/m);
    assert.deepEqual(await cordoned(lab), []);
  });

  it("logs show the journal of the node's own unit", async () => {
    const { code, out } = await groundwork(theLab(), "node", "logs", "agent-1", "--since", "10m");
    assert.equal(code, 0);
    assert.match(out, /agent-1 k3s\[/);
  });
});

async function cordoned(lab: ClusterOnLab): Promise<string[]> {
  const nodes = await lab.get<KubernetesNode>("nodes");
  return nodes.filter(({ spec }) => spec.unschedulable === true).map(({ metadata }) => metadata.name);
}
