import * as assert from "node:assert/strict";
import { ChangeReader } from "../../automation/changes";

const URN = "urn:pulumi:dev::groundwork::kubernetes:helm.sh/v3:Release::longhorn";

function changesOf(...steps: Record<string, unknown>[]): unknown[] {
  const reader = new ChangeReader();
  for (const step of steps) {
    const metadata = { urn: URN, type: "kubernetes:helm.sh/v3:Release", provider: "", ...step };
    reader.read({ sequence: 1, timestamp: 1, resourcePreEvent: { metadata: metadata as never, planning: true } });
  }
  return reader.changes.map(({ resource, operation, properties }) => [resource.name, operation, properties]);
}

describe("changes of a preview", () => {
  it("name the properties that differ, by path", () => {
    const detailedDiff = {
      "values.csi": { diffKind: "add" },
      version: { diffKind: "update-replace" },
      x: { diffKind: "delete" },
    };
    assert.deepEqual(changesOf({ op: "update", detailedDiff }), [
      [
        "longhorn",
        "update",
        [
          { path: "values.csi", change: "add", replaces: false },
          { path: "version", change: "update", replaces: true },
          { path: "x", change: "delete", replaces: false },
        ],
      ],
    ]);
  });

  it("show a replacement as one change with the reason", () => {
    const keys = ["name"];
    const changes = changesOf(
      { op: "create-replacement", diffs: ["name", "version"], keys },
      { op: "replace", diffs: ["name", "version"], keys },
      { op: "delete-replaced" },
    );
    assert.deepEqual(changes, [
      [
        "longhorn",
        "replace",
        [
          { path: "name", change: "update", replaces: true },
          { path: "version", change: "update", replaces: false },
        ],
      ],
    ]);
  });

  it("list no properties of what is created or deleted, and nothing that stays", () => {
    assert.deepEqual(changesOf({ op: "create", diffs: ["a"] }), [["longhorn", "create", []]]);
    assert.deepEqual(changesOf({ op: "same" }, { op: "refresh" }, { op: "read" }), []);
  });

  it("read what the engine says of a component, which has no details", () => {
    const steps = changesOf({ op: "update", detailedDiff: null, diffs: ["stdin"], keys: null });
    assert.deepEqual(steps, [["longhorn", "update", [{ path: "stdin", change: "update", replaces: false }]]]);
    assert.deepEqual(changesOf({ op: "update", detailedDiff: null, diffs: null }), [["longhorn", "update", []]]);
  });
});
