import * as assert from "node:assert/strict";
import { flannelFixFor, pinnedSum, sumOf, versions } from "../../../config/versions/pins";

describe("the pinned k3s", () => {
  it("has the flannel fix", () => {
    assert.equal(flannelFixFor(versions.k3s), undefined);
  });
});

describe("flannelFixFor", () => {
  it("names the first release with the fix, and nothing from there on", () => {
    const fixes = [
      "v1.32.9+k3s1",
      "v1.33.12+k3s1",
      "v1.33.13+k3s1",
      "v1.36.1+k3s1",
      "v1.36.2+k3s1",
      "v1.37.0+k3s1",
    ].map(flannelFixFor);
    assert.deepEqual(fixes, ["v1.33.13+k3s1", "v1.33.13+k3s1", undefined, "v1.36.2+k3s1", undefined, undefined]);
  });
});

describe("the sum of a k3s binary", () => {
  const mirror = "https://example.org/k3s";
  const version = versions.k3s;

  it("is pinned for the pinned version, and a whole one", () => {
    assert.match(pinnedSum(versions.k3s, "amd64") ?? "", /^[0-9a-f]{64}$/);
    assert.match(pinnedSum(versions.k3s, "arm64") ?? "", /^[0-9a-f]{64}$/);
    assert.equal(pinnedSum("v1.2.3+k3s1", "amd64"), undefined);
    assert.equal(pinnedSum("constructor", "amd64"), undefined);
  });

  it("is the stack's own for its version, else the pinned one", () => {
    const sha256 = { amd64: "b".repeat(64) };
    assert.equal(sumOf({ version, mirror, sha256 }, versions.k3s, "amd64"), sha256.amd64);
    assert.equal(sumOf({ version, mirror, sha256 }, versions.k3s, "arm64"), pinnedSum(versions.k3s, "arm64"));
    assert.equal(
      sumOf({ mirror, sha256, version: "v1.35.6+k3s1" }, versions.k3s, "amd64"),
      pinnedSum(versions.k3s, "amd64"),
    );
    assert.equal(sumOf({ version, mirror, sha256: {} }, "v1.35.6+k3s1", "amd64"), undefined);
  });

  it("of a directory on the hosts is that directory's", () => {
    assert.equal(sumOf({ version, mirror: "file:///srv/k3s", sha256: {} }, versions.k3s, "amd64"), undefined);
  });
});
