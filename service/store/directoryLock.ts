import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import { isAlive, ownIdentity, type ProcessIdentity } from "../runs/processIdentity";

/**
 * Has a directory for this process alone; the answer gives it back. A holder that is dead, however it died, does not count:
 * it is known by its process id and its start time, so that another process with the same id is not taken for it.
 *
 * @throws GroundworkError where a living process has it.
 */
export function holdDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "held-by");
  const mine = join(directory, `held-by.${process.pid}`);
  writeFileSync(mine, JSON.stringify(ownIdentity()), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link is made whole or not at all, and only one process makes it.
        linkSync(mine, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
      if (isAlive(holder)) {
        throw new GroundworkError("failed", `another service (process ${holder.pid}) has the directory ${directory}`, {
          remedy: "end it, or give this one another directory",
        });
      }
      rmSync(file, { force: true });
    }
  } finally {
    unlinkSync(mine);
  }
}
