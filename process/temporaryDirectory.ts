import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { ownDirectory, removeStaleDirectories } from "./staleDirectories";

/** A directory for this process's user only. */
export interface TemporaryDirectory {
  readonly path: string;
  readonly remove: () => void;
}

/**
 * A new directory that is removed with this process, however that ends: by `remove`, an exit, a signal, `kill -9`.
 *
 * A handler of signals would change how the caller's process answers them, and none sees SIGKILL. So a shell waits for the
 * end of a pipe that only this process holds, in a session of its own, where Ctrl-C does not reach it. On Windows, where
 * there is no shell, an exit removes it and a signal does not. What is left all the same, because the shell was killed too
 * (a container, a power cut), is removed when the next one is made.
 */
export function temporaryDirectory(): TemporaryDirectory {
  removeStaleDirectories(tmpdir(), /^groundwork-\w{6}$/);
  const path = mkdtempSync(join(tmpdir(), "groundwork-"));
  const removeNow = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  const release = process.platform === "win32" ? () => undefined : keeper(path);
  process.once("exit", removeNow);
  ownDirectory(path);
  const remove = (): void => {
    process.off("exit", removeNow);
    removeNow();
    release();
  };
  return { path, remove };
}

/** Starts the shell that removes the directory; the answer ends it. */
function keeper(path: string): () => void {
  // A process that outlives this one for a moment may still write there, hence the second time.
  const script = `trap '' HUP INT TERM; read -r _; rm -rf -- "$1" 2>/dev/null || { sleep 2; rm -rf -- "$1"; }`;
  const child = spawn("/bin/sh", ["-c", script, "groundwork-keeper", path], {
    cwd: "/",
    detached: true,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ignore = (): void => undefined;
  child.on("error", ignore);
  child.stdin.on("error", ignore);
  child.unref();
  (child.stdin as Writable & { readonly unref?: () => void }).unref?.();
  return () => child.stdin.end();
}
