import * as assert from "node:assert/strict";
import type { ResourceChange } from "../../../automation/stacks";
import { markupOf, type Content } from "../../../plan/render/html/element";
import { previewDiff } from "../../../service/page/previewDiff";

/** What a person reads of it. */
function words(content: Content): string {
  return markupOf(content)
    .replace(/<\/(li|tr)>/g, "\n")
    .replace(/<\/(th|td)>/g, "|")
    .replace(/<[^>]*>/g, "")
    .trim();
}

function change(
  name: string,
  operation: ResourceChange["operation"],
  more: Partial<ResourceChange> & { node?: string; type?: string } = {},
): ResourceChange {
  const { node, type = "command:remote:Command", properties = [] } = more;
  const resource = { urn: `urn:${name}`, type, name, ...(node === undefined ? {} : { node }) };
  return { resource, operation, properties };
}

describe("what the page says of a preview", () => {
  it("says that nothing changes", () => {
    const diff = previewDiff([]);
    assert.equal(words(diff.verdict), "nothing changes");
    assert.deepEqual([diff.concerns, diff.hosts, diff.changes], [undefined, undefined, undefined]);
  });

  it("tells where k3s may restart from where it goes on: there, the drain is given nothing new", () => {
    const diff = previewDiff([
      change("atlas-drain", "update", { node: "atlas" }),
      change("atlas", "update", { node: "atlas" }),
      change("birch", "update", { node: "birch" }),
      change("birch-ready", "update", { node: "birch" }),
    ]);
    assert.equal(words(diff.verdict), "k3s may restart on: atlas; 4 resources updated; nothing is deleted");
    assert.equal(
      words(diff.hosts),
      [
        "Table of hostsHost|k3s|What changes|",
        "atlas|may restart, drained first|its files and settings, what its drain goes by|",
        "birch|goes on|its files and settings, its place in Kubernetes|",
      ].join("\n"),
    );
    const calm = previewDiff([change("birch", "update", { node: "birch" })]);
    assert.equal(words(calm.verdict), "k3s restarts on no host that is there; 1 resource updated; nothing is deleted");
  });

  it("names who joins and leaves, and all that is deleted or replaced with the reason", () => {
    const diff = previewDiff([
      change("cedar", "create", { node: "cedar" }),
      change("atlas", "delete", { node: "atlas" }),
      change("shop", "replace", {
        type: "kubernetes:core/v1:Namespace",
        properties: [
          { path: "metadata.name", change: "update", replaces: true },
          { path: "metadata.labels", change: "add", replaces: false },
        ],
      }),
    ]);
    assert.equal(
      words(diff.verdict),
      "joins: cedar; leaves: atlas; 1 resource created; 1 resource replaced; 1 resource deleted",
    );
    assert.equal(
      words(diff.concerns),
      [
        "Deleted: atlas (command:remote:Command)",
        "Replaced: shop (kubernetes:core/v1:Namespace), because of metadata.name",
      ].join("\n"),
    );
    assert.match(words(diff.changes), /shop\|.*\|± replaced metadata\.name is another one, which replaces it/);
  });
});
