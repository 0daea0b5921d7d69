import * as assert from "node:assert/strict";
import {
  compareKubernetes,
  compareVersions,
  isOlder,
  minorSteps,
  parseVersion,
  type Version,
} from "../../../config/versions/version";

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

describe("a version of k3s or Kubernetes", () => {
  it("is read in both spellings", () => {
    assert.deepEqual(parseVersion("v1.36.4-rc2+k3s10"), { major: 1, minor: 36, patch: 4, candidate: 2, k3s: 10 });
    assert.deepEqual(parseVersion("1.36"), { major: 1, minor: 36, patch: 0, candidate: undefined, k3s: undefined });
    assert.deepEqual(
      ["latest", "", "v1", "v1.36.4+k3s1x"].map((text) => parseVersion(text)),
      [undefined, undefined, undefined, undefined],
    );
  });

  it("is ordered by number, not by letter; a candidate comes before its release", () => {
    const ordered = [
      "v1.9.0+k3s1",
      "v1.10.0+k3s1",
      "v1.36.9-rc2+k3s1",
      "v1.36.9-rc10+k3s1",
      "v1.36.9+k3s1",
      "v1.36.9+k3s2",
      "v1.36.9+k3s10",
      "v1.36.10+k3s1",
    ];
    const shuffled = ordered.toReversed().map(version).sort(compareVersions);
    assert.deepEqual(shuffled, ordered.map(version));
  });

  it("is the same Kubernetes whatever k3s's own number", () => {
    assert.equal(compareKubernetes(version("v1.36.1+k3s1"), version("v1.36.1+k3s2")), 0);
  });

  it("is older than nothing that is no version", () => {
    assert.deepEqual([isOlder("v1.35.0+k3s1", "v1.36.0+k3s1"), isOlder("v1.35.0+k3s1", "stable")], [true, false]);
  });

  it("is so many minor releases away from another", () => {
    assert.deepEqual([minorSteps("v1.34.1+k3s1", "v1.36.0+k3s1"), minorSteps("v1.36.0+k3s1", "v1.35.9+k3s1")], [2, -1]);
  });
});
