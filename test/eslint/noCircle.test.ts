import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { RuleTester } from "eslint";
import * as tseslint from "typescript-eslint";
import { noCircle } from "../../eslint/noCircle";

const FILES: Readonly<Record<string, string>> = {
  "types.ts": `import type { B } from "./typesToo"; export type A = B;`,
  "typesToo.ts": `import type { A } from "./types"; export type B = A | 1;`,
  "one.ts": `import { b } from "./two"; export const a = b;`,
  "two.ts": `export * from "./three";`,
  "three.ts": `export const b = (): unknown => require("./one");`,
  "above.ts": `import { a } from "./one"; export const d = a;`,
  "leaf.ts": `export const c = 1;`,
  "user.ts": `import { c } from "./leaf"; export const e = c;`,
};

const directory = path.join(tmpdir(), `groundwork-circle-${process.pid}`);

const file = (name: string): { name: string; filename: string; code: string } => ({
  name,
  filename: path.join(directory, name),
  code: FILES[name] ?? "",
});
const circle = (name: string) => ({ ...file(name), errors: [{ messageId: "circle" }] });

describe("eslint", () => {
  before(() => {
    fs.mkdirSync(directory);
    for (const [name, text] of Object.entries(FILES)) fs.writeFileSync(path.join(directory, name), text);
  });
  after(() => fs.rmSync(directory, { recursive: true, force: true }));

  new RuleTester({ languageOptions: { parser: tseslint.parser } }).run(
    "no-circle",
    noCircle as unknown as Parameters<RuleTester["run"]>[1],
    {
      valid: [file("leaf.ts"), file("user.ts"), file("above.ts")],
      invalid: [circle("types.ts"), circle("typesToo.ts"), circle("one.ts"), circle("two.ts"), circle("three.ts")],
    },
  );
});
