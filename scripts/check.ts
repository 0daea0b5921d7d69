import * as fs from "node:fs";
import * as path from "node:path";
import { command, isMissing, ROOT, type Outcome } from "./command";
import { writeHostScripts } from "./hostScripts";
import { zizmor } from "./zizmor";

/**
 * `npm run check [-- [--fix] [name…]]`: every check of the sources, one line each with its name and result, and what a
 * failed one printed below it. Ends with `N passed, N failed, N skipped`; the exit code is 1 when one failed.
 */

/** The lab's Go modules, below `lab/`. */
const GO_MODULES = ["acme", "cert-manager", "hollow-k3s"];

/** Compiled by Go where it is run: a program that npm does not have. */
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/** Folders whose files are not ours, or made by a tool. */
const NOT_OURS = new Set([".git", ".cache", "coverage", "dist", "node_modules"]);

interface Check {
  readonly name: string;
  /** Runs only when it is asked for by name. */
  readonly onlyByName?: boolean;
  readonly run: (fix: boolean) => Promise<Outcome>;
}

const CHECKS: readonly Check[] = [
  { name: "types", run: () => command("tsc", ["--noEmit"]) },
  { name: "lint", run: lint },
  { name: "format", run: format },
  { name: "shell", run: shellcheck },
  { name: "workflows", run: actionlint },
  { name: "zizmor", run: () => zizmor(workflows()) },
  { name: "go-format", run: gofmt },
  // Compiles all of Kubernetes the first time, which takes minutes; CI asks for it after it has built the lab.
  { name: "go-vet", onlyByName: true, run: goVet },
];

async function main(args: readonly string[]): Promise<number> {
  const fix = args.includes("--fix");
  const names = args.filter((arg) => arg !== "--fix");
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) {
    console.error(
      `check: no check is called ${unknown.join(", ")}; there are ${CHECKS.map(({ name }) => name).join(", ")}`,
    );
    return 2;
  }
  const chosen = CHECKS.filter((check) =>
    names.length === 0 ? check.onlyByName !== true : names.includes(check.name),
  );
  const outcomes: Outcome[] = [];
  const queue = [...chosen];
  const work = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) outcomes.push(await report(check, fix));
  };
  // Fixers write the same files, so they take turns.
  await Promise.all(fix ? [work()] : [work(), work()]);
  const count = (result: Outcome["result"]): number => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`checks: ${count("ok")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  return count("failed") === 0 ? 0 : 1;
}

async function report(check: Check, fix: boolean): Promise<Outcome> {
  const start = Date.now();
  const outcome = await check.run(fix);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const name = check.name.padEnd(10);
  if (outcome.result === "skipped") console.log(`${name} skipped: ${outcome.why}`);
  else console.log(`${name} ${outcome.result === "ok" ? "ok" : "FAILED"} (${seconds} s)`);
  if (outcome.result === "failed") console.log(outcome.output.trimEnd().replace(/^(?=.)/gm, "  "));
  return outcome;
}

async function lint(fix: boolean): Promise<Outcome> {
  // A statement that the formatter puts on a line of its own gets braces from the linter, which are formatted after it.
  if (fix) await format(true);
  return command("eslint", [".", "--max-warnings=0", ...(fix ? ["--fix"] : [])]);
}

function format(fix: boolean): Promise<Outcome> {
  return command("prettier", [".", "--log-level=warn", fix ? "--write" : "--check"]);
}

async function shellcheck(): Promise<Outcome> {
  const rendered = writeHostScripts(path.join(ROOT, "Pulumi.prod.yaml"), path.join(ROOT, ".cache", "host-scripts"));
  const scripts = ourFiles().filter(isShellScript);
  return command("shellcheck", [...scripts, ...rendered], {
    missing:
      "shellcheck is not installed; install it: apt-get install shellcheck (Debian, Ubuntu), brew install shellcheck (macOS)",
  });
}

async function gofmt(fix: boolean): Promise<Outcome> {
  const outcome = await command("gofmt", [fix ? "-w" : "-l", ...GO_MODULES], {
    directory: path.join(ROOT, "lab"),
  });
  if (isMissing(outcome)) return { result: "skipped", why: "go is not installed" };
  if (outcome.result !== "ok" || outcome.output === "") return outcome;
  return { result: "failed", output: `gofmt would change:\n${outcome.output}` };
}

/** Whether the workflows are what GitHub and Gitea take; with shellcheck's help, where it is installed. */
async function actionlint(): Promise<Outcome> {
  const outcome = await command("go", ["run", ACTIONLINT, ...workflows()]);
  return isMissing(outcome) ? { result: "skipped", why: "go is not installed" } : outcome;
}

function workflows(): string[] {
  return ourFiles().filter((file) => /^\.(github|gitea)\/workflows\/[^/]+\.yml$/.test(file));
}

async function goVet(): Promise<Outcome> {
  let output = "";
  for (const module of GO_MODULES) {
    // As the lab's build has it (lab/site/goProgram.ts): what that compiled is used again.
    const outcome = await command("go", ["vet", "-trimpath", "./..."], {
      directory: path.join(ROOT, "lab", module),
      environment: { CGO_ENABLED: "0" },
    });
    if (isMissing(outcome)) return { result: "skipped", why: "go is not installed" };
    if (outcome.result !== "ok") return outcome;
    output += outcome.output;
  }
  return { result: "ok", output };
}

function ourFiles(): string[] {
  const files: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) visit(file);
      else if (entry.isFile()) files.push(file);
    }
  };
  visit("");
  return files.sort();
}

/** A file called `*.sh`, or one without an extension that starts with a shell's `#!` line. */
function isShellScript(file: string): boolean {
  if (file.endsWith(".sh")) return true;
  if (path.extname(file) !== "" || fs.statSync(path.join(ROOT, file)).size > 1_000_000) return false;
  return /^#!.*\b(ba|da)?sh\b/.test(fs.readFileSync(path.join(ROOT, file), "utf8").slice(0, 80));
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
