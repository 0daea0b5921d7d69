import * as fs from "node:fs";
import * as path from "node:path";
import type { StackReport } from "./commentBody";

/** The largest file that is read, in bytes: a thousand comments' worth of changes. */
const LARGEST = 4 * 1024 * 1024;

/** More stacks than a comment can name. */
const MOST_STACKS = 200;

/**
 * The reports in a directory, one `<stack>.md` each, by name. The directory may hold whatever a pull request's code put
 * there: only ordinary files with a stack's name are read, at most 4 MiB of each.
 *
 * @throws Error when the directory cannot be read.
 */
export function readReports(directory: string): StackReport[] {
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.md$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MOST_STACKS)
    .map((entry) => ({ stack: entry.name.slice(0, -".md".length), markdown: head(path.join(directory, entry.name)) }));
}

function head(file: string): string {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.alloc(Math.min(LARGEST, fs.fstatSync(descriptor).size));
    const length = fs.readSync(descriptor, buffer, 0, buffer.length, 0);
    return buffer.toString("utf8", 0, length);
  } finally {
    fs.closeSync(descriptor);
  }
}
