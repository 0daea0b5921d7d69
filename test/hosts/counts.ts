import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Shell } from "./sandbox/sandbox";
import type { Verb } from "./scripts";

/** How many cases were run and survived. The files of tests run in several processes, so they write it down in one file. */

const VARIABLE = "GROUNDWORK_HOST_COUNTS";

export function count(verb: Verb, shell: Shell, cases: number, failed: number): void {
  const file = process.env[VARIABLE];
  if (file !== undefined) appendFileSync(file, `${verb} ${shell} ${cases} ${cases - failed}\n`);
}

/** Called by mocha before it starts its processes, which inherit the variable. */
export function mochaGlobalSetup(): void {
  const file = join(mkdtempSync(join(tmpdir(), "groundwork-counts-")), "counts");
  writeFileSync(file, "");
  process.env[VARIABLE] = file;
}

/** Called by mocha at its end: prints the cases by verb and shell, and their sum. */
export function mochaGlobalTeardown(): void {
  const file = process.env[VARIABLE];
  if (file === undefined) return;
  const sums = new Map<string, { cases: number; survived: number }>();
  for (const line of readFileSync(file, "utf8")
    .split("\n")
    .filter((one) => one !== "")) {
    const [verb = "", shell = "", cases, survived] = line.split(" ");
    for (const key of [`${verb.padEnd(11)}${shell.padEnd(6)}`, "fault cases".padEnd(17)]) {
      const sum = sums.get(key) ?? { cases: 0, survived: 0 };
      sums.set(key, { cases: sum.cases + Number(cases), survived: sum.survived + Number(survived) });
    }
  }
  rmSync(dirname(file), { recursive: true, force: true });
  const total = "fault cases".padEnd(17);
  const rows = [...sums].sort(([a], [b]) => Number(a === total) - Number(b === total) || a.localeCompare(b));
  console.log(rows.map(([key, one]) => `  ${key}${one.survived} of ${one.cases} survived`).join("\n"));
}
