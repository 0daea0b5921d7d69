import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certManager } from "../../../addons/cert-manager/addon";
import { CHECKOUT, labPaths } from "../../paths";
import { certManagerChart, certManagerVersion } from "../../site/certManager";

describe("the site's cert-manager", () => {
  it("is of the version that the add-on installs", () => {
    assert.equal(certManagerVersion(CHECKOUT), certManager.chart?.version);
  });

  it("is an error of its own where its module pins none", () => {
    const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      mkdirSync(join(root, "lab", "cert-manager"), { recursive: true });
      const pins = join(root, "lab", "cert-manager", "go.mod");
      writeFileSync(pins, "module github.com/cert-manager/cert-manager/groundworklab\n");
      assert.throws(() => certManagerVersion(root), /lab\/cert-manager\/go\.mod pins no cert-manager/);
      writeFileSync(pins, "require (\n\tgithub.com/cert-manager/cert-manager v1.99.0\n)\n");
      assert.equal(certManagerVersion(root), "v1.99.0");
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it("has a chart that a stack names from the checkout, one for each lab", () => {
    assert.equal(certManagerChart(labPaths("default", "/checkout")), "./.cache/lab/default/charts/cert-manager");
    assert.equal(certManagerChart(labPaths("ha", "/checkout")), "./.cache/lab/ha/charts/cert-manager");
  });
});
