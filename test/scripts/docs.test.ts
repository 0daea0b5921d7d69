import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedFiles } from "../../scripts/docs";

describe("npm run docs", () => {
  for (const [file, text] of Object.entries(generatedFiles())) {
    it(`leaves nothing to write in ${file}`, () => {
      assert.equal(
        readFileSync(join(__dirname, "..", "..", file), "utf8"),
        text,
        `${file} is stale; run: npm run docs`,
      );
    });
  }
});
