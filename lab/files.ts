import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** A file of a directory. */
export interface TreeFile {
  /** From the directory, without a leading slash. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/** The files under a directory, in a fixed order. */
export function filesUnder(directory: string, base: string = directory): TreeFile[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesUnder(path, base);
      return [
        {
          path: relative(base, path),
          executable: (statSync(path).mode & 0o100) !== 0,
          content: readFileSync(path),
        },
      ];
    });
}
