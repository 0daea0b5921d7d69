import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths } from "../../paths";
import { ensureTsigKey, tsigConfig } from "../../stack/tsigKey";

describe("the key of the site's name server", () => {
  it("is made once, for its owner only, as long as its hash", () => {
    const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      const paths = labPaths("default", root);
      const key = ensureTsigKey(paths);
      assert.equal(Buffer.from(key, "base64").length, 64);
      assert.equal(statSync(paths.tsigKey).mode & 0o777, 0o600);
      assert.equal(ensureTsigKey(paths), key);
      assert.notEqual(ensureTsigKey(labPaths("other", root)), key);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it("is in BIND's words under the name that the lab's issuer signs with", () => {
    assert.equal(tsigConfig("VFNJRyBLRVk="), 'key "lab" { algorithm hmac-sha512; secret "VFNJRyBLRVk="; };\n');
  });
});
