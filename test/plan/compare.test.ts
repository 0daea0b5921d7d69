import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import type { Change, Difference } from "../../plan/compare/difference";
import type { Plan } from "../../plan/model";
import { edited, planOf, stackText } from "./stacks";

describe("comparing two plans", function () {
  this.timeout(60_000);
  const dev = stackText("dev");
  const staging = stackText("staging");
  let devPlan: Plan;
  let stagingPlan: Plan;
  before(async () => {
    devPlan = await planOf(dev);
    stagingPlan = await planOf(staging, "staging");
  });

  const against = async (before: Plan, text: string): Promise<Difference> =>
    comparePlans(before, await planOf(text, before.stack), "main");

  it("finds nothing where nothing changed", async () => {
    const difference = await against(devPlan, dev);
    assert.deepEqual([difference.changes, difference.warnings], [[], []]);
  });

  it("shows a setting of the servers as one line on each server and nowhere else", async () => {
    const { changes } = await against(
      stagingPlan,
      edited(staging, ["groundwork:network:\n", "groundwork:network:\n    nodePortRange: 30000-33000\n"]),
    );
    assert.deepEqual(
      changes.map((change) => [change.name, ...lines(change)]),
      ["rack-s1", "rack-s2", "rack-s3"].map((name) => [
        name,
        "/etc/rancher/k3s/config.yaml -service-node-port-range: 30000-32767",
        "/etc/rancher/k3s/config.yaml +service-node-port-range: 30000-33000",
      ]),
    );
    assert.deepEqual(changes[0]?.notes, ["k3s restarts after a drain"]);
  });

  it("shows a label as one line on its node, without a restart", async () => {
    const { changes } = await against(devPlan, edited(dev, ["disk: ssd", "disk: nvme"]));
    assert.deepEqual(
      changes.map((change) => [change.name, change.notes, lines(change)]),
      [
        [
          "birch",
          [],
          ["settings -labels: groundwork.example/disk=ssd", "settings +labels: groundwork.example/disk=nvme"],
        ],
      ],
    );
  });

  it("says that other resolvers restart CoreDNS and not k3s", async () => {
    const { changes } = await against(devPlan, edited(dev, ["upstream: [192.168.10.1]", "upstream: [192.168.10.2]"]));
    const nodes = changes.filter((change) => change.kind === "node");
    assert.deepEqual(
      nodes.map((change) => [change.name, change.notes, lines(change)]),
      ["atlas", "birch", "cedar"].map((name) => [
        name,
        ["CoreDNS restarts"],
        ["/etc/resolv.k3s.conf -nameserver 192.168.10.1", "/etc/resolv.k3s.conf +nameserver 192.168.10.2"],
      ]),
    );
  });

  it("shows a chart's value under its release", async () => {
    const { changes } = await against(
      stagingPlan,
      edited(staging, ["replicas: 2\n    serviceType", "replicas: 3\n    serviceType"]),
    );
    assert.deepEqual(
      changes.map((change) => [change.kind, change.name, lines(change)]),
      [["release", "ingress-nginx", ["values -  replicaCount: 2", "values +  replicaCount: 3"]]],
    );
  });

  it("tells what becomes of a node that goes, and touches no other", async () => {
    const [start, end] = [dev.indexOf("    - name: cedar"), dev.indexOf("  groundwork:network")];
    const { changes } = await against(devPlan, dev.slice(0, start) + dev.slice(end));
    const [gone] = changes.filter((change) => change.kind === "node");
    assert.deepEqual([gone?.name, gone?.action], ["cedar", "removed"]);
    assert.match(gone?.notes.join() ?? "", /drained and deleted from the cluster, then k3s is uninstalled/);
    assert.equal(changes.filter((change) => change.kind === "node").length, 1);
  });

  it("keeps to what a stack is where nothing is risky", async () => {
    assert.deepEqual((await against(devPlan, dev)).risky, []);
    assert.deepEqual(comparePlans(undefined, devPlan, "main").risky, []);
  });

  it("shows everything as added where the stack is new", () => {
    const { changes } = comparePlans(undefined, devPlan, "main");
    assert.ok(changes.every((change) => change.action === "added"));
    assert.ok(changes.some((change) => change.kind === "release" && change.name === "cert-manager"));
  });
});

/** The lines that differ, with their document. */
function lines({ documents }: Change): string[] {
  return documents.flatMap(({ name, hunks }) =>
    hunks.flatMap((hunk) =>
      hunk.lines.filter(({ sign }) => sign !== " ").map(({ sign, text }) => `${name} ${sign}${text}`),
    ),
  );
}
