import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { LabError } from "./error";
import type { LabPaths } from "./paths";
import { isRunning, startTimeOf } from "../process/processIdentity";

const holderSchema = z.object({ pid: z.number(), startTime: z.string(), command: z.string(), since: z.string() });
/** Who holds a lab's lock. */
export type Holder = z.output<typeof holderSchema>;

/**
 * Runs work while nobody else works on the same lab. A lock whose process has ended (by pid and start time) is stale
 * and taken over.
 *
 * @throws LabError when another process holds the lock.
 */
export async function withLock<T>(paths: LabPaths, command: string, work: () => Promise<T>): Promise<T> {
  take(paths.lock, command);
  try {
    return await work();
  } finally {
    rmSync(paths.lock, { force: true });
    removeWhenEmpty(paths.labs);
  }
}

/** After the last lab is gone, its directory goes with it. */
function removeWhenEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Another lab is in it.
  }
}

function take(path: string, command: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    mkdirSync(dirname(path), { recursive: true });
    if (create(path, command)) return;
    const holder = readHolder(path);
    if (holder !== undefined && isRunning(holder)) {
      throw new LabError(
        `'${holder.command}' is already at work on this lab (pid ${String(holder.pid)}, since ${holder.since})`,
        "wait until it is done, or stop it",
      );
    }
    // Renamed first: of two processes that find the same stale lock only one can take it away.
    const stale = `${path}.${String(process.pid)}.stale`;
    try {
      renameSync(path, stale);
    } catch {
      continue;
    }
    rmSync(stale, { force: true });
  }
  throw new LabError(`the lab's lock ${path} cannot be taken`, "try again");
}

function create(path: string, command: string): boolean {
  const holder: Holder = {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? "",
    command,
    since: new Date().toISOString().slice(0, 19).replace("T", " "),
  };
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  writeSync(file, JSON.stringify(holder));
  closeSync(file);
  return true;
}

function readHolder(path: string): Holder | undefined {
  try {
    const parsed = holderSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
