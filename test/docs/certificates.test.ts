import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { errors, stack } from "../config/fixtures";
import { ROOT } from "./markdown";

/** The parts of stack files that the chapter shows. */
const shown = [
  ...readFileSync(join(ROOT, "docs/certificates.md"), "utf8").matchAll(/^( *)```yaml\n([\s\S]*?)^\1```$/gm),
]
  .map(([, indent = "", text = ""]) => parse(text.replaceAll(new RegExp(`^${indent}`, "gm"), "")) as object)
  .filter((part) => Object.keys(part).some((key) => key.startsWith("groundwork:")));

describe("the chapter on certificates", () => {
  it("shows settings that are right, but for secrets that are still to be set", () => {
    assert.ok(shown.length >= 9);
    for (const part of shown) {
      const settings = Object.entries(part).map(([key, value]) => [key.replace("groundwork:", ""), value as unknown]);
      assert.deepEqual(errors(stack(Object.fromEntries(settings)), "warning"), [], JSON.stringify(part));
    }
  });
});
