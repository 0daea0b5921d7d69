import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ESLint, RuleTester } from "eslint";
import * as tseslint from "typescript-eslint";
import { ROOT } from "../../eslint/imports";
import { STANDARD_WORDS, standardWords } from "../../eslint/standardWords";

const SCRIPTS = path.join(ROOT, "components/k3s/scripts");

describe("names", () => {
  it("are the field's own terms everywhere", async () => {
    const linter = new ESLint({ cwd: ROOT });
    for (const file of ["index.ts", "lab/verbs.ts", "test/program.ts"]) {
      const { rules } = (await linter.calculateConfigForFile(file)) as { rules: Record<string, readonly unknown[]> };
      assert.equal(rules["local/standard-words"]?.[0], 2, file);
    }
  });

  it("are so in the hosts' scripts, of variables and functions", () => {
    const name = new RegExp(`\\b(${Object.keys(STANDARD_WORDS).join("|")})(=|\\(\\))`);
    for (const file of fs.readdirSync(SCRIPTS)) {
      assert.doesNotMatch(fs.readFileSync(path.join(SCRIPTS, file), "utf8"), name, file);
    }
  });
});

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run(
  "standard-words",
  standardWords as unknown as Parameters<RuleTester["run"]>[1],
  {
    valid: ["const reported = 1; // told", `const text = "what it is told";`, "truncate(text);"],
    invalid: [
      "const told = 1;",
      "read({ told: 1 });",
      "class A { readonly #condemned = 1; }",
      `open({ whenMissing: "pretend" });`,
      "interface Surroundings {}",
      "cutBluntly(text);",
    ].map((code) => ({ code, errors: [{ messageId: "word" }] })),
  },
);
