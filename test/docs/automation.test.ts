import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { StackError, type StackOptions } from "../../automation/stacks";
import { openTestStack, TestBackend } from "../../automation/testing/testStack";
import { hostKeys } from "../config/fixtures";
import { ROOT } from "./markdown";

/** The program of a document that opens a stack, which may be indented there. */
function programOf(document: string): string {
  const text = readFileSync(join(ROOT, document), "utf8");
  const programs = [...text.matchAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm)].map(([, , code = ""]) => code);
  const [program] = programs.filter((code) => code.includes("= openStack({"));
  assert.ok(program !== undefined, document);
  return program.replace(/^.*import .*$/m, "").replaceAll("ssh-ed25519 AAAA…", hostKeys[0]);
}

/** Runs it as it is, on a stack in memory; gives what it printed. */
async function run(program: string, approved: boolean): Promise<{ shown: unknown[][]; backend: TestBackend }> {
  const backend = new TestBackend();
  const shown: unknown[][] = [];
  const print = (...args: unknown[]): void => void shown.push(args);
  const given = {
    openStack: ({ name, settings }: StackOptions) => openTestStack({ name, settings, backend }),
    StackError,
    readSecret: async (name: string) =>
      Promise.resolve(`-----BEGIN OPENSSH PRIVATE KEY-----\n${name}CANARY\n-----END OPENSSH PRIVATE KEY-----\n`),
    isApproved: async () => Promise.resolve(approved),
    console: { log: print, error: print },
    process: {
      exit: (code: number) => {
        throw new StackError("cancelled", `exit ${code}`, { remedy: "" });
      },
    },
  };
  const code = ts.transpile(program, { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is ours, and only a reader runs it otherwise
  const main = new Function(...Object.keys(given), `return (async () => {${code}})()`) as (
    ...args: unknown[]
  ) => Promise<void>;
  await main(...Object.values(given));
  return { shown, backend };
}

describe("the library in twenty lines", () => {
  for (const document of ["README.md", "docs/automation.md"]) {
    it(`does what ${document} says`, async () => {
      const { shown, backend } = await run(programOf(document), true);
      assert.deepEqual(backend.stacks, ["office"]);
      assert.equal(shown.at(-1)?.[0], "https://192.0.2.10:6443");
      assert.ok(shown.length > 10 && !JSON.stringify(shown).includes("CANARY"));
    });
  }

  it("changes nothing when nobody approves", async () => {
    const { shown, backend } = await run(programOf("README.md"), false);
    assert.deepEqual([backend.stacks, shown], [[], [["cancelled", "exit 1", ""]]]);
  });
});
