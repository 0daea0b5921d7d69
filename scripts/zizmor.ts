import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import { command, isMissing, ROOT, type Outcome } from "./command";

const REQUIREMENTS = path.join(ROOT, "scripts", "zizmor.txt");

/**
 * Whether the workflows are safe: secrets and rights that a stranger could reach, actions that can change under us. Zizmor is a program that
 * only PyPI has of what this machine reaches; it is installed once, into a virtual environment of its own below .cache/. It asks no network
 * itself: what it could only know from GitHub is left out.
 */
export async function zizmor(workflows: readonly string[]): Promise<Outcome> {
  const version = /^zizmor==(\S+)/m.exec(readFileSync(REQUIREMENTS, "utf8"))?.[1] ?? "";
  const directory = path.join(ROOT, ".cache", `zizmor-${version}`);
  const program = path.join(directory, "bin", "zizmor");
  if (!existsSync(program)) {
    const failure = await install(directory);
    if (failure !== undefined) return failure;
  }
  // Warnings of its own would be lost among its greetings.
  const args = ["--offline", "--pedantic", "--quiet", "--no-progress", "--color", "never", "--strict-collection"];
  return await command(program, [...args, ...workflows]);
}

/** @returns undefined when it is there. */
async function install(directory: string): Promise<Outcome | undefined> {
  const without = (why: string): Outcome => ({ result: "skipped", why });
  const begun = `${directory}.${String(process.pid)}`;
  try {
    const made = await command("python3", ["-m", "venv", begun]);
    if (isMissing(made)) return without("python3 is not installed");
    if (made.result !== "ok") {
      return without("python3 makes no virtual environment; install it: apt-get install python3-venv (Debian, Ubuntu)");
    }
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
    const only = ["--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS];
    const installed = await command(path.join(begun, "bin", "python3"), [...pip, ...only]);
    if (installed.result === "failed") {
      const last = installed.output
        .trim()
        .split("\n")
        .findLast((line) => line.startsWith("ERROR: "));
      // A package that is another one than was pinned is more than one that cannot be had.
      if (/\bhash/i.test(last ?? "")) return installed;
      return without(`pip cannot install it: ${last ?? "no reason given"}`);
    }
    // Another check of this checkout may have been quicker.
    if (!existsSync(directory)) renameSync(begun, directory);
    return undefined;
  } finally {
    rmSync(begun, { recursive: true, force: true });
  }
}
