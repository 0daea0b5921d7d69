import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { changeLines, changesBetween, lineDiff, pathText } from "../../engine/diff";
import { secret, UNKNOWN } from "../../engine/propertyValues";
import { concerns, ignoring, parsePath } from "../../engine/propertyPath";

const { specialSigKey, specialAssetSig } = pulumi.runtime;

describe("changes between property values", () => {
  it("are none between equal values, however secret", () => {
    assert.deepEqual(changesBetween({ a: [1, { b: "x" }] }, { a: [1, { b: secret("x") }] }), []);
    assert.deepEqual(changesBetween({ a: null }, {}), []);
  });

  it("name the leaf, as Pulumi writes a path", () => {
    const paths = changesBetween(
      { spec: { ports: [{ port: 80 }] }, metadata: { annotations: { "a.b/c": "1" } } },
      { spec: { ports: [{ port: 81 }, { port: 443 }] }, metadata: { annotations: { "a.b/c": "2" } } },
    ).map(({ path }) => pathText(path));
    assert.deepEqual(paths, ['metadata.annotations["a.b/c"]', "spec.ports[0].port", "spec.ports[1]"]);
  });

  it("see a file as its content, wherever it lies", () => {
    const file = (path: string, hash: string) => ({ [specialSigKey]: specialAssetSig, path, hash });
    assert.deepEqual(changesBetween({ source: file("a", "1") }, { source: file("b", "1") }), []);
    const [change] = changesBetween({ source: file("a", "1") }, { source: file("a", "2") });
    assert.equal(pathText(change?.path ?? []), "source.hash");
  });

  it("hide what is secret on either side, and mark what is not known yet", () => {
    const lines = changesBetween(
      { a: "old", b: secret({ k: "x" }), c: "1" },
      { a: secret("new"), b: secret({ k: "y" }), c: UNKNOWN },
    );
    assert.deepEqual(lines.flatMap(changeLines), [
      "~ a: [secret] => [secret]",
      "~ b.k: [secret] => [secret]",
      '~ c: "1" => [unknown]',
    ]);
    assert.deepEqual(changesBetween({}, { a: { b: secret("x") } }).flatMap(changeLines), ['+ a: {"b":"[secret]"}']);
  });
});

describe("a line diff", () => {
  it("shows what changed with two lines around, and leaves out the rest", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    assert.deepEqual(lineDiff(before, before.replace("5", "five")), ["  3", "  4", "- 5", "+ five", "  6", "  7"]);
    assert.deepEqual(lineDiff(before, before.replace("1", "one").replace("9", "nine")), [
      ...["- 1", "+ one", "  2", "  3", "  …", "  7", "  8", "- 9", "+ nine"],
    ]);
  });

  it("leads from the one text to the other", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        const lines = lineDiff(before, after, 100);
        const side = (mark: string) =>
          lines.filter((line) => line.startsWith(" ") || line.startsWith(mark)).map((line) => line.slice(2));
        const whole = (value: string) => (before.endsWith("\n") && after.endsWith("\n") ? value.slice(0, -1) : value);
        assert.equal(side("-").join("\n"), whole(before));
        assert.equal(side("+").join("\n"), whole(after));
      }),
    );
  });
});

describe("a property path", () => {
  it("is read with dots, brackets and quotes", () => {
    assert.deepEqual(parsePath('a.b[0]["c.d"].*'), ["a", "b", "0", "c.d", "*"]);
  });

  it("concerns what is at it, above it and below it", () => {
    assert.ok(concerns("spec.replicas", ["spec", "replicas"]));
    assert.ok(concerns("spec", ["spec", "replicas"]));
    assert.ok(concerns("spec.replicas", ["spec"]));
    assert.ok(!concerns("spec.replicas", ["spec", "selector"]));
  });

  it("keeps the recorded value, takes away what was not there, and goes through secrets", () => {
    const before = { connection: secret({ host: "a", key: "1" }), list: [{ n: 1 }] };
    const after = { connection: secret({ host: "b", key: "2" }), list: [{ n: 2 }, { n: 3 }], extra: "x" };
    assert.deepEqual(ignoring(["connection"], before, after)["connection"], before.connection);
    assert.deepEqual(ignoring(["connection.key"], before, after)["connection"], secret({ host: "b", key: "1" }));
    assert.deepEqual(ignoring(["list[*].n", "extra"], before, after), {
      connection: after.connection,
      list: [{ n: 1 }, { n: 3 }],
    });
  });
});
