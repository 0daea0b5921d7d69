import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

const EXTENSION = __filename.endsWith(".ts") ? ".ts" : ".js";

/** What Node is started with for a program of this folder: a checkout runs its sources. */
export function nodeArguments(program: "runProcess" | "askProcess"): string[] {
  const file = join(__dirname, `${program}${EXTENSION}`);
  return EXTENSION === ".ts" ? ["--require", join(__dirname, "..", "..", "bin", "typescript.js"), file] : [file];
}

/**
 * Starts a run's process in a session of its own: a signal to the service's does not reach it, and it goes on when the service
 * is killed.
 */
export function startRun(options: {
  readonly directory: string;
  readonly cwd: string;
  readonly printed: string;
}): ChildProcess {
  const printed = openSync(options.printed, "a", 0o600);
  try {
    return spawn(process.execPath, [...nodeArguments("runProcess"), options.directory], {
      // Paths in a stack's file are relative to its project.
      cwd: options.cwd,
      detached: true,
      stdio: ["ignore", printed, printed],
    });
  } finally {
    closeSync(printed);
  }
}
