import * as assert from "node:assert/strict";
import { compareVersions, kubernetesVersion } from "../../../config/versions/kubernetesVersion";
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

describe("kubernetesVersion", () => {
  it("reads k3s's versions and Kubernetes's", () => {
    assert.deepEqual(kubernetesVersion("v1.36.4+k3s1"), { major: 1, minor: 36, patch: 4 });
    assert.deepEqual(kubernetesVersion("1.36"), { major: 1, minor: 36, patch: 0 });
    assert.equal(kubernetesVersion("latest"), undefined);
  });

  it("orders them by number, not by letter", () => {
    const of = (text: string): NonNullable<ReturnType<typeof kubernetesVersion>> => {
      const version = kubernetesVersion(text);
      assert.ok(version !== undefined);
      return version;
    };
    assert.ok(compareVersions(of("v1.9.0"), of("v1.10.0")) < 0);
    assert.ok(compareVersions(of("v1.36.10+k3s1"), of("v1.36.9+k3s2")) > 0);
    assert.equal(compareVersions(of("v1.36.1+k3s1"), of("v1.36.1+k3s2")), 0);
  });
});

describe("the sum of a k3s binary", () => {
  const mirror = "https://example.org/k3s";

  it("is pinned for the pinned version, and a whole one", () => {
    assert.match(pinnedSum(versions.k3s, "amd64") ?? "", /^[0-9a-f]{64}$/);
    assert.match(pinnedSum(versions.k3s, "arm64") ?? "", /^[0-9a-f]{64}$/);
    assert.equal(pinnedSum("v1.2.3+k3s1", "amd64"), undefined);
    assert.equal(pinnedSum("constructor", "amd64"), undefined);
  });

  it("is the stack's own for its version, else the pinned one", () => {
    const sha256 = { amd64: "b".repeat(64) };
    assert.equal(sumOf({ mirror, sha256 }, versions.k3s, "amd64"), sha256.amd64);
    assert.equal(sumOf({ mirror, sha256 }, versions.k3s, "arm64"), pinnedSum(versions.k3s, "arm64"));
    assert.equal(
      sumOf({ mirror, sha256, version: "v1.35.6+k3s1" }, versions.k3s, "amd64"),
      pinnedSum(versions.k3s, "amd64"),
    );
    assert.equal(sumOf({ mirror, sha256: {} }, "v1.35.6+k3s1", "amd64"), undefined);
  });

  it("of a directory on the hosts is that directory's", () => {
    assert.equal(sumOf({ mirror: "file:///srv/k3s", sha256: {} }, versions.k3s, "amd64"), undefined);
  });
});
