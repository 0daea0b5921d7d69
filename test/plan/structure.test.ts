import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { structureLines } from "../../plan/compare/structure";
import type { PlanValue } from "../../plan/values";

const shown = (before: PlanValue, after: PlanValue): string[] =>
  structureLines(before, after).map(({ sign, text }) => sign + text);

describe("the difference of two values by their structure", () => {
  it("is the keys that lead to what differs, and nothing else", () => {
    assert.deepEqual(
      shown(
        { a: 1, controller: { kind: "DaemonSet", port: 80, service: { type: "ClusterIP" } } },
        { a: 1, controller: { kind: "Deployment", port: 80, service: { type: "ClusterIP" }, replicas: 2 } },
      ),
      [" controller:", "-  kind: DaemonSet", "+  kind: Deployment", "+  replicas: 2"],
    );
  });

  it("takes a key for a key that every object has in JavaScript", () => {
    assert.deepEqual(shown({}, { constructor: 1, toString: "x" }), ["+constructor: 1", "+toString: x"]);
  });

  it("takes entries with a name for the same by it", () => {
    const env = (value: string): PlanValue => ({
      env: [
        { name: "A", value: "1" },
        { name: "B", value },
      ],
    });
    assert.deepEqual(shown(env("2"), env("3")), [" env:", "   - name: B", '-    value: "2"', '+    value: "3"']);
  });

  it("shows entries without a name as those that come and go, and another order", () => {
    assert.deepEqual(shown({ list: ["a", "b", "c"] }, { list: ["a", "c", "d"] }), [" list:", "-  - b", "+  - d"]);
    assert.deepEqual(
      shown({ list: [{ name: "a" }, { name: "b" }] }, { list: [{ name: "b" }, { name: "a" }] }).length,
      3,
    );
  });

  it("compares texts of several lines by their lines", () => {
    const text = (line: string): PlanValue => ({ file: `one\ntwo\nthree\n${line}\nfive\nsix\nseven\n` });
    assert.deepEqual(shown(text("four"), text("4")), [
      " file: |",
      "   two",
      "   three",
      "-  four",
      "+  4",
      "   five",
      "   six",
    ]);
  });

  it("tells an empty value, another kind of value, and a field of any name", () => {
    assert.deepEqual(shown({ a: {} }, { a: { b: 1 } }), ["-a: {}", "+a:", "+  b: 1"]);
    assert.deepEqual(shown({ a: "1" }, { a: 1 }), ['-a: "1"', "+a: 1"]);
    assert.deepEqual(shown({ "a: b": { c: 1 } }, { "a: b": { c: 2 } }), [' "a: b":', "-  c: 1", "+  c: 2"]);
  });

  it("is empty for the same, and never for what is not", () => {
    const values = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<PlanValue>;
    fc.assert(
      fc.property(values, values, (one, other) => {
        assert.deepEqual(shown(one, one), []);
        const fields = (value: PlanValue): PlanValue => ({ value });
        const differs = JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other));
        assert.equal(
          structureLines(fields(one), fields(other)).some(({ sign }) => sign !== " "),
          differs,
        );
      }),
    );
  });
});

function sorted(value: PlanValue): PlanValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly PlanValue[]).map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
