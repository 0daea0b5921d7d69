import * as assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyScripts } from "../../scripts/build";

describe("the published package", () => {
  it("has the scripts that hosts are sent, also where the compiler made no folder", () => {
    const dist = mkdtempSync(join(tmpdir(), "build-test-"));
    try {
      copyScripts(dist);
      for (const script of ["components/k3s/scripts/converge.sh", "desired/host/watch-interface.sh"]) {
        assert.ok(existsSync(join(dist, script)), script);
      }
    } finally {
      rmSync(dist, { recursive: true });
    }
  });
});
