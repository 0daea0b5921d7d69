import * as assert from "node:assert/strict";
import { isOlder, oldestRelease } from "../../workloads/objects/facts";

describe("the release of a cluster", () => {
  it("is that of its oldest node", () => {
    assert.equal(oldestRelease(["v1.36.4+k3s1", "v1.9.1+k3s2", "v1.35.7+k3s1"]), "1.9");
  });

  it("is not known where one node's is not", () => {
    assert.equal(oldestRelease(["v1.36.4+k3s1", "latest"]), undefined);
    assert.equal(oldestRelease([]), undefined);
  });

  it("is older, or it is not, or it is not known", () => {
    assert.deepEqual([isOlder({ kubernetes: "1.29" }, "1.30"), isOlder({ kubernetes: "1.30" }, "1.30")], [true, false]);
    assert.equal(isOlder({}, "1.30"), false);
  });
});
