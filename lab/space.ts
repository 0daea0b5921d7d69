import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "./error";

export const GIB = 1024 ** 3;

/** Free bytes on the disk of a path, or of the nearest directory above it that exists. */
export function freeBytes(path: string): number {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}

/** @throws LabError when a disk has less free than is needed. */
export function requireSpace(
  path: string,
  bytes: number,
  what: string,
  free: (path: string) => number = freeBytes,
): void {
  const available = free(path);
  if (available >= bytes) return;
  throw new LabError(
    `${what} needs ${gib(bytes)} of free disk, and ${path} has ${gib(available)}`,
    "free some and repeat the command",
  );
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
