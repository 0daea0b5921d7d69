import assert from "node:assert/strict";
import type { Measured } from "../../config/upload";
import { desiredCluster } from "../../desired/cluster";
import { allNodes, type DesiredNode } from "../../desired/nodes";
import { nodes, settingsOf } from "../program";

const file = (source: string, digit: string, bytes = 2048): Measured => ({ bytes, sha256: digit.repeat(64), source });

interface Given {
  readonly files: Readonly<Record<string, Measured>>;
  readonly list?: readonly object[];
}

function decide({ files, list = nodes("server:s1", "agent:a1") }: Given): readonly DesiredNode[] {
  const upload = { binary: { amd64: "k3s" }, images: { amd64: ["images.tar"], arm64: ["other.tar"] } };
  const settings = settingsOf({ nodes: list, k3s: { upload } });
  return allNodes(desiredCluster({ ...settings, measured: new Map(Object.entries(files)) }, "groundwork").nodes);
}

describe("what is uploaded to a node", () => {
  const files = { k3s: file("k3s", "a"), "images.tar": file("images.tar", "b", 5000) };

  it("is named by its content on the host, and known to the scripts before it comes", () => {
    const [s1] = decide({ files });
    assert.deepEqual(
      s1?.uploads.map(({ name, called, source }) => [name, called, source]),
      [
        ["s1-upload-k3s", `${"a".repeat(16)}-k3s`, "k3s"],
        ["s1-upload-images.tar", `${"b".repeat(16)}-images.tar`, "images.tar"],
      ],
    );
    const { token, host } = s1.steps;
    assert.equal(token.program.facts["uploads"], `${"a".repeat(16)}-k3s=2 ${"b".repeat(16)}-images.tar=5`);
    assert.equal(host.program.facts["uploaded_k3s"], `${"a".repeat(16)}-k3s`);
    assert.equal(host.program.facts["images"], `${"b".repeat(16)}-images.tar=${"b".repeat(64)}`);
    assert.equal(host.program.facts["sha256_amd64"], "a".repeat(64));
    assert.equal(host.program.facts["sha256_arm64"], "");
  });

  it("restarts k3s with another archive, and not where the file lies elsewhere", () => {
    const print = (more: Record<string, Measured>) => decide({ files: { ...files, ...more } })[0]?.fingerprint;
    assert.equal(print({ "images.tar": file("elsewhere/images.tar", "b", 5000) }), print({}));
    assert.notEqual(print({ "images.tar": file("images.tar", "c", 5000) }), print({}));
  });

  it("comes again to another machine, and on a repair", () => {
    const list = nodes("server:s1");
    const again = (change: object) => decide({ files, list: [{ ...list[0], ...change }] })[0]?.uploads[0]?.again;
    assert.notDeepEqual(again({ address: "192.0.2.99" }), again({}));
    assert.notDeepEqual(again({ repair: { at: "monday", drain: true } }), again({}));
  });
});
