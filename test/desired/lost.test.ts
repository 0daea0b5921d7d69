import assert from "node:assert/strict";
import fc from "fast-check";
import { allNodes, type DesiredNode } from "../../desired/nodes";
import { desiredOf, nodes } from "../program";

type Entry = Record<string, unknown>;
const THREE = nodes("server:s1", "server:s2", "server:s3", "agent:a1", "agent:a2");

function losing(...names: string[]): Entry[] {
  return THREE.map((node) => (names.includes(String(node["name"])) ? { ...node, lost: true } : node));
}

/** Everything that is decided of a node, its addresses in the graph by name. */
function decided({ after, rotatedBy, ...node }: DesiredNode): unknown {
  return { ...node, after: after.map(({ name }) => name), rotatedBy: rotatedBy?.name };
}

describe("a cluster that has lost machines", () => {
  it("is the cluster of those that live, whatever was lost", () => {
    fc.assert(
      fc.property(fc.subarray(["s1", "s2", "s3", "a1", "a2"]), (names) => {
        fc.pre(["s1", "s2", "s3"].some((server) => !names.includes(server)));
        const [lost, living] = [losing(...names), THREE.filter(({ name }) => !names.includes(String(name)))];
        const [one, other] = [desiredOf({ nodes: lost }), desiredOf({ nodes: living })];
        assert.deepEqual(allNodes(one.nodes).map(decided), allNodes(other.nodes).map(decided));
        assert.deepEqual([one.apiUrl, one.outputs, one.groups], [other.apiUrl, other.outputs, other.groups]);
        assert.deepEqual(one.nodes.lost.map(({ name }) => name).sort(), [...names].sort());
      }),
    );
  });

  it("has a server that lives forget them, and run what was theirs, which does nothing", () => {
    const [s1] = desiredOf({ nodes: losing("s1") }).nodes.lost;
    assert.ok(s1 !== undefined);
    const { forget, idle } = s1;
    assert.deepEqual(forget.program.facts, { project: "groundwork", stack: "test", node: "s1", operator: "s2" });
    assert.deepEqual(
      [forget.name, forget.on.name, forget.create, forget.delete],
      ["s1-forget", "s2", "sh -s -- forget", undefined],
    );
    assert.deepEqual(
      [idle.token, idle.drain, idle.host, idle.ready].map(({ name, on, create }) => [
        name,
        on.name,
        on.ssh.host,
        create,
      ]),
      ["s1-token", "s1-drain", "s1", "s1-ready"].map((name) => [name, "s2", "192.0.2.2", "true"]),
    );
  });

  it("forgets servers one after another, and agents after them", () => {
    const five = nodes("server:s1", "agent:a1", "server:s2", "server:s3", "server:s4", "server:s5", "agent:a2");
    const lost = ["s1", "a1", "s4", "a2"];
    const list = five.map((node) => (lost.includes(String(node["name"])) ? { ...node, lost: true } : node));
    assert.deepEqual(
      desiredOf({ nodes: list }).nodes.lost.map(({ name, after }) => [name, after.map((one) => one.name)]),
      [
        ["s1", []],
        ["s4", ["s1"]],
        ["a1", ["s1", "s4"]],
        ["a2", ["s1", "s4"]],
      ],
    );
  });

  it("protects the first server that lives", () => {
    const { nodes: found } = desiredOf({ nodes: losing("s1"), cluster: { protect: true } });
    assert.deepEqual(
      allNodes(found).map(({ name, protect }) => [name, protect]),
      [
        ["s2", true],
        ["s3", false],
        ["a1", false],
        ["a2", false],
      ],
    );
  });

  it("says in its summary what is lost, and what comes next", () => {
    const line = (names: string[]): string | undefined =>
      desiredOf({ nodes: losing(...names) }).summary.find(({ label }) => label === "lost")?.text;
    assert.equal(line([]), undefined);
    assert.equal(
      line(["s1"]),
      "s1; s2 has the cluster forget it, and its entry is taken out with the next 'pulumi up'",
    );
    assert.equal(
      line(["s3", "a1"]),
      "s3, a1; s1 has the cluster forget them, and their entries are taken out with the next 'pulumi up'",
    );
  });
});
