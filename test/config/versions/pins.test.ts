import * as assert from "node:assert/strict";
import { compatibilityOf, flannelFixFor, pinnedSum, sumOf, versions } from "../../../config/versions/pins";

describe("the pinned versions", () => {
  it("are all known to the compatibility table", () => {
    assert.equal(compatibilityOf("ingress-nginx", versions.ingressNginx)?.series, "4.15");
    assert.equal(compatibilityOf("cert-manager", versions.certManager)?.series, "v1.21");
    assert.equal(compatibilityOf("longhorn", versions.longhorn)?.series, "1.11.3");
    assert.equal(compatibilityOf("nfs-subdir-external-provisioner", versions.nfsProvisioner)?.series, "4.0");
  });

  it("have the flannel fix", () => {
    assert.equal(flannelFixFor(versions.k3s), undefined);
  });
});

describe("compatibilityOf", () => {
  it("takes a whole series and nothing that only begins like it", () => {
    assert.equal(compatibilityOf("longhorn", "1.11.0")?.needs, "1.25");
    assert.equal(compatibilityOf("longhorn", "1.11.3")?.needs, "1.34");
    assert.equal(compatibilityOf("longhorn", "1.110.0"), undefined);
    assert.equal(compatibilityOf("cert-manager", "1.20.1")?.series, "v1.20");
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
