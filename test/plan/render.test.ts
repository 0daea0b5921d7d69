import * as assert from "node:assert/strict";
import type { Change, Difference } from "../../plan/compare/difference";
import { renderDifferenceMarkdown } from "../../plan/render/differenceMarkdown";
import { labelled, table, wrap } from "../../plan/render/layout";
import { fenced } from "../../plan/render/markdownParts";
import { rolloutOf } from "../../plan/run/rollout";
import type { Registration } from "../../plan/run/registration";

describe("rendering", () => {
  it("wraps at spaces, keeps long words whole, and goes on under the text", () => {
    assert.deepEqual(wrap("one two threefourfive six", 8), ["one two", "threefourfive", "six"]);
    assert.deepEqual(labelled("  DNS", 7, "10.0.0.1, 10.0.0.2, 10.0.0.3", 27), [
      "  DNS  10.0.0.1, 10.0.0.2,",
      "       10.0.0.3",
    ]);
  });

  it("leaves out a column that is empty in every row", () => {
    assert.deepEqual(
      table(
        ["NAME", "ROLE", "K3S"],
        [
          ["a", "server", ""],
          ["bbbbb", "agent", ""],
        ],
      ),
      ["NAME   ROLE", "a      server", "bbbbb  agent"],
    );
  });

  it("fences code with more backticks than it has", () => {
    assert.deepEqual(fenced("diff", ["+```"]), ["````diff", "+```", "````"]);
  });

  describe("a difference as markdown", () => {
    const change = (name: string, lines: number): Change => ({
      kind: "release",
      name,
      type: "kubernetes:helm.sh/v3:Release",
      action: "changed",
      notes: [],
      documents: [
        {
          name: "values",
          hunks: [
            {
              place: "@@ -1 +1 @@",
              lines: Array.from({ length: lines }, (_, i) => ({ sign: "+", text: `${name}: ${i}` })),
            },
          ],
        },
      ],
    });
    const difference = (...changes: Change[]): Difference => ({
      format: 2,
      project: "p",
      stack: "dev",
      against: "main",
      warnings: [],
      risky: [],
      verdict: { line: "", hosts: [], bites: [] },
      restarts: [],
      changes,
    });

    it("begins with what changes in a line and a table", () => {
      const text = renderDifferenceMarkdown(difference(change("a", 1)));
      assert.deepEqual(text.split("\n").slice(0, 7), [
        "### Groundwork plan: stack `dev`",
        "",
        "Against `main`: **1 release changed**.",
        "",
        "| | what | what happens |",
        "|---|---|---|",
        "| ✏️ changed | a (release) |  |",
      ]);
    });

    it("shows once what is the same on several nodes, with none of the lines around it that are a node's own", () => {
      const node = (name: string, after: string): Change => ({
        ...change(name, 0),
        kind: "node",
        type: "",
        documents: [
          {
            name: "/etc/rancher/k3s/config.yaml",
            hunks: [
              {
                place: "@@ -2,3 +2,3 @@",
                lines: [
                  { sign: " ", text: `node-ip: ${name}` },
                  { sign: "-", text: "flannel-iface: wg0" },
                  { sign: "+", text: `flannel-iface: ${after}` },
                  { sign: " ", text: "resolv-conf: /etc/resolv.k3s.conf" },
                ],
              },
            ],
          },
        ],
      });
      const text = renderDifferenceMarkdown(difference(node("s1", "wg1"), node("s2", "wg1"), node("s3", "wg2")));
      const blocks = [...text.matchAll(/<summary>(.*)<\/summary>[^]*?```diff\n([^]*?)```/g)].map(
        ([, ...parts]) => parts,
      );
      assert.deepEqual(blocks, [
        ["s1, s2 (nodes) changed", "-flannel-iface: wg0\n+flannel-iface: wg1\n resolv-conf: /etc/resolv.k3s.conf\n"],
        [
          "s3 (node) changed",
          " node-ip: s3\n-flannel-iface: wg0\n+flannel-iface: wg2\n resolv-conf: /etc/resolv.k3s.conf\n",
        ],
      ]);
    });

    it("leaves out whole changes from the end when it would be too long, and counts them", () => {
      const changes = ["a", "b", "c", "d", "e"].map((name) => change(name, 30));
      const text = renderDifferenceMarkdown(difference(...changes), { longest: 1500, allOfIt: "the run" });
      assert.ok(text.length <= 1500, `${text.length} characters`);
      assert.deepEqual(text.match(/(?<=<summary>)\w/g), ["a", "b", "c"]);
      assert.match(
        text,
        /\n_2 of 5 changes are left out, because a comment holds 65536 characters\._ All of it: the run\n$/,
      );
    });

    it("shows of a change that alone would take most of the room its name, and the others whole", () => {
      const changes = [change("a", 5), change("b", 200), change("c", 5)];
      const text = renderDifferenceMarkdown(difference(...changes), { longest: 1500, allOfIt: "the run" });
      assert.ok(text.length <= 1500, `${text.length} characters`);
      assert.match(text, /<summary>a \(release\) changed<\/summary>/);
      assert.match(text, /<summary>c \(release\) changed<\/summary>/);
      assert.match(text, /<summary>b \(release\) changed<\/summary>\n\nThe 200 lines of it are in the full report\./);
      assert.doesNotMatch(text, /b: 1$/m);
      assert.match(
        text,
        /\n_1 is shown by name only, because a comment holds 65536 characters\._ All of it: the run\n$/,
      );
    });
  });

  it("orders the roll-out by the longest way, and shows two that wait for each other", () => {
    const registered = (name: string, type: string, dependsOn: string[] = [], parent = ""): Registration => {
      return {
        urn: name,
        name,
        type,
        parent,
        custom: !type.startsWith("groundwork:"),
        inputs: {},
        dependsOn,
        protect: false,
      };
    };
    const waves = rolloutOf(
      [
        registered("token", "random:index/randomPassword:RandomPassword"),
        registered("s1", "groundwork:k3s:Node"),
        registered("s1-host", "command:remote:Command", ["token"], "s1"),
        registered("a1", "groundwork:k3s:Node"),
        registered("a1-host", "command:remote:Command", ["s1-host"], "a1"),
        registered("release", "kubernetes:helm.sh/v3:Release", ["s1-host", "a1-host"]),
        registered("x", "test:a", ["y"]),
        registered("y", "test:b", ["x"]),
      ],
      new Map([["s1", "server"] as const, ["a1", "agent"] as const]),
    );
    assert.deepEqual(
      waves.map(({ units }) => units.map(({ name }) => name)),
      [["s1", "y"], ["a1", "x"], ["release"]],
    );
  });
});
