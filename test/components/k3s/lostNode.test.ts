import assert from "node:assert/strict";
import { K3sCluster } from "../../../components/k3s/cluster";
import { evaluate } from "../../../plan/run/evaluate";
import { commands, desiredOf, nodes, run } from "../../program";
import { edited, stackText } from "../../plan/stacks";

const STACK = nodes("server:s1", "server:s2", "server:s3", "agent:a1");
const losing = (name: string): Record<string, unknown>[] =>
  STACK.map((node) => (node["name"] === name ? { ...node, lost: true } : node));

const registered = async (list: readonly unknown[]) =>
  (await run(() => void new K3sCluster("cluster", { desired: desiredOf({ nodes: list }) }))).resources;
/** A connection is a secret, for its key. */
const host = (inputs: Record<string, unknown>): unknown =>
  (inputs["connection"] as { value: { host: string } }).value.host;

describe("a node that is lost", () => {
  for (const [name, by] of [
    ["s1", "192.0.2.2"],
    ["s2", "192.0.2.1"],
    ["a1", "192.0.2.1"],
  ] as const) {
    it(`keeps the names of its resources, and none of them has anything to do with the machine any more: ${name}`, async () => {
      const [before, after] = [await registered(STACK), await registered(losing(name))];
      const names = (list: typeof before): string[] => list.map((one) => `${one.type} ${one.name}`).sort();
      assert.deepEqual(names(after), [...names(before), `command:remote:Command ${name}-forget`].sort());
      const own = commands(after.filter((one) => one.name === name || one.name.startsWith(`${name}-`)));
      assert.deepEqual(
        [...own.keys()].sort(),
        ["", "-drain", "-forget", "-ready", "-token"].map((step) => `${name}${step}`).sort(),
      );
      for (const [step, inputs] of own) {
        assert.equal(host(inputs), by, step);
        assert.deepEqual([inputs["delete"], inputs["update"]], [undefined, undefined], step);
        if (!step.endsWith("-forget")) assert.deepEqual([inputs["create"], inputs["stdin"]], ["true", undefined], step);
      }
      const machine = String(STACK.find((node) => node["name"] === name)?.["address"]);
      const all = commands(after);
      // The kubeconfig was read before, and is not read again, wherever the first server is (ignoreChanges).
      for (const [step, inputs] of all) assert.notEqual(host(inputs), machine, step);
    });
  }

  it("is forgotten before anything is done on a machine that lives, and idle only when it is forgotten", async () => {
    const key = /(- name: rack-s1\n)/.exec(stackText("staging"))?.[1] ?? "";
    const text = edited(stackText("staging"), [key, `${key}      lost: true\n`]);
    const plan = await evaluate({ project: "groundwork", stack: "staging", fileName: "Pulumi.staging.yaml", text });
    const needs = new Map(
      plan.resources
        .filter(({ type }) => type === "command:remote:Command")
        .map(({ name, dependsOn }) => [name, dependsOn]),
    );
    const waitsFor = (name: string, seen = new Set<string>()): Set<string> => {
      for (const one of needs.get(name) ?? []) {
        if (!seen.has(one)) waitsFor(one, seen.add(one));
      }
      return seen;
    };
    for (const node of ["rack-s1", "rack-s2", "rack-s3", "rack-a1", "rack-a2", "rack-a3"]) {
      for (const step of ["-token", "-drain", "", "-ready"]) {
        assert.ok(waitsFor(`${node}${step}`).has("rack-s1-forget"), `${node}${step}`);
      }
    }
    assert.deepEqual([...waitsFor("rack-s1-forget")], []);
  });
});
