import assert from "node:assert/strict";
import { parse } from "yaml";
import { scriptOf } from "../../../components/k3s/script";
import { allNodes } from "../../../desired/nodes";
import { repairsOf, withStamps } from "../../../operate/drift/stamp";
import type { Drift } from "../../../operate/drift/finding";
import { desiredOf, nodes } from "../../program";

const AT = "2026-01-02T03:04:05Z";
const FILE = `# The machines of the house.
config:
  groundwork:nodes:
    # in the cellar
    - name: atlas   # the big one
      role: server
      address: "192.0.2.11"
      taints: [a=b:NoSchedule,   c:NoExecute]
    - role: agent
      name: birch
      address: 192.0.2.12
      labels:
        example.org/a-very-long-label: "a value that is so long that a library would like to fold it into several lines at 80"
    - { name: cedar, role: agent, address: 192.0.2.13 }
  groundwork:ssh:
    privateKey:
      secure: v1:abc
`;

const stamped = (text: string, ...list: readonly [string, boolean][]): string =>
  withStamps(
    text,
    list.map(([node, drain]) => ({ node, drain })),
    AT,
  );

describe("the stamp of a repair", () => {
  it("is one line in the stack file, and every other line stays as it is", () => {
    const after = stamped(FILE, ["atlas", true], ["birch", false]).split("\n");
    const added = after.filter((line) => !FILE.split("\n").includes(line));
    assert.deepEqual(added, [
      `      repair: { at: "${AT}", drain: true }`,
      `      repair: { at: "${AT}", drain: false }`,
    ]);
    assert.equal(after.filter((line) => !added.includes(line)).join("\n"), FILE);
  });

  it("takes the place of the one before, however that was written", () => {
    const first = stamped(FILE, ["birch", true]);
    const second = withStamps(first, [{ node: "birch", drain: false }], "2026-02-02T00:00:00Z");
    assert.equal(second, first.replace(`"${AT}", drain: true`, '"2026-02-02T00:00:00Z", drain: false'));
    const block = FILE.replace(
      "      name: birch",
      '      name: birch\n      repair:\n        at: "x"\n        drain: true',
    );
    const { config } = parse(stamped(block, ["birch", false])) as { config: Record<string, { repair?: unknown }[]> };
    assert.deepEqual(config["groundwork:nodes"]?.[1]?.repair, { at: AT, drain: false });
  });

  it("finds its place in an entry of one line too, with every comment kept", () => {
    const after = stamped(FILE, ["cedar", true]);
    const { config } = parse(after) as { config: Record<string, unknown[]> };
    assert.deepEqual(config["groundwork:nodes"]?.[2], {
      name: "cedar",
      role: "agent",
      address: "192.0.2.13",
      repair: { at: AT, drain: true },
    });
    for (const comment of ["# The machines of the house.", "# in the cellar", "# the big one"]) {
      assert.ok(after.includes(comment), comment);
    }
  });

  it("is refused for a node that the file does not have", () => {
    assert.throws(() => stamped(FILE, ["dogwood", true]), {
      message: "the stack file has no entry 'dogwood' under groundwork:nodes",
    });
  });

  it("goes to the nodes that it mends, drained where k3s restarts for it", () => {
    const drift = (mendedBy: Drift["mendedBy"]): Drift => {
      return { check: "file", where: "x", level: "error", message: "", remedy: "", mendedBy };
    };
    const node = (name: string, ...drifts: Drift[]) => ({
      name,
      drifts,
      changed: [],
      silent: undefined,
      isBehind: false,
    });
    const list = [
      node("a"),
      node("b", drift("up")),
      node("c", drift("up"), drift("drained up")),
      node("d", drift("hand")),
    ];
    assert.deepEqual(repairsOf({ nodes: list }), [
      { node: "b", drain: false },
      { node: "c", drain: true },
    ]);
  });

  it("is in all four scripts of its node, and the other nodes' stay the same to the byte", () => {
    const plain = nodes("server:s1", "agent:a1", "agent:a2");
    const withStamp = plain.map((node) =>
      node["name"] === "a1" ? { ...node, repair: { at: AT, drain: true } } : node,
    );
    const scripts = (list: Record<string, unknown>[]): Map<string, string> =>
      new Map(
        allNodes(desiredOf({ nodes: list }).nodes).flatMap(({ steps }) =>
          Object.values(steps).map(({ name, program }) => [name, scriptOf(program)] as const),
        ),
      );
    const [before, after] = [scripts(plain), scripts(withStamp)];
    const changed = [...after].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
    assert.deepEqual(changed, ["a1-token", "a1-drain", "a1", "a1-ready"]);
    const added = after
      .get("a1-drain")!
      .split("\n")
      .filter((line) => !before.get("a1-drain")!.split("\n").includes(line));
    assert.deepEqual(added, [`repair='${AT}'`, "repair_drain='yes'"]);
    const fingerprints = [plain, withStamp].map((list) =>
      allNodes(desiredOf({ nodes: list }).nodes).map(({ fingerprint }) => fingerprint),
    );
    assert.deepEqual(fingerprints[0], fingerprints[1], "a stamp alone restarts nobody");
  });
});
