import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineInUse, pulumiEnvironment, pulumiVariables } from "../apply";
import { labPaths, type LabPaths } from "../paths";

describe("what applies a lab's stack", () => {
  let root: string;
  let paths: LabPaths;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    paths = labPaths("default", root);
    mkdirSync(paths.directory, { recursive: true });
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("is the engine that the stack was begun with, told by its state", () => {
    assert.equal(engineInUse(paths), undefined);
    mkdirSync(join(paths.backend, ".pulumi", "stacks"), { recursive: true });
    assert.equal(engineInUse(paths), "pulumi");
    writeFileSync(join(paths.directory, "engine-state.json"), "{}");
    assert.equal(engineInUse(paths), "lab");
  });

  it("keeps its state in the lab's directory, under the lab's own passphrase", () => {
    const variables = pulumiVariables(paths);
    assert.equal(variables["PULUMI_BACKEND_URL"], `file://${paths.backend}`);
    assert.equal(variables["PULUMI_CONFIG_PASSPHRASE_FILE"], paths.passphrase);
    const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "another stack's";
    try {
      assert.equal(pulumiEnvironment(paths)["PULUMI_CONFIG_PASSPHRASE"], undefined);
    } finally {
      if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
      else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
    }
  });
});
