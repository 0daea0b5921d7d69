import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSettings } from "../../../config/read/parse";
import { problemLine } from "../../../config/problem";
import { parseStackFile } from "../../../config/read/stackFile";

const ROOT = join(__dirname, "..", "..", "..");

describe("the committed stacks", () => {
  for (const stack of ["dev", "staging", "prod"]) {
    it(`${stack} has no problem, and no warning but for what is not set and what cannot be helped`, () => {
      const file = `Pulumi.${stack}.yaml`;
      const { raw, problems } = parseStackFile(readFileSync(join(ROOT, file), "utf8"), file);
      const parsed = parseSettings(raw, { stack, missingSecrets: "warning" });
      assert.deepEqual([...problems, ...parsed.problems].map(problemLine), []);
      const expected = [
        / is not set(, and a target of s3:\/\/ needs it)?; set it with: /,
        /^ingress\.version: /,
        /^issuers\.letsencrypt-staging\.type: .* port 80/,
      ];
      const others = parsed.warnings.map(problemLine).filter((line) => !expected.some((pattern) => pattern.test(line)));
      assert.deepEqual(others, []);
    });
  }
});
