import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "../../process/temporaryDirectory";
import { GroundworkError } from "../../config/groundworkError";

/** A revision of a directory, laid out beside it. */
export interface Revision {
  /** Where its files are. */
  readonly directory: string;
  /** Full name of the commit. */
  readonly commit: string;
  /** Whether it has another package-lock.json than the directory has now. */
  readonly hasOtherPackages: boolean;
  readonly remove: () => void;
}

/**
 * Lays the files of a git revision of a directory into a temporary one, with the installed packages linked in.
 *
 * @throws GroundworkError when there is no repository, or no such revision in it.
 */
export function checkOut(directory: string, ref: string): Revision {
  const commit = commitOf(directory, ref);
  const prefix = git(directory, ["rev-parse", "--show-prefix"]).trim();
  const top = git(directory, ["rev-parse", "--show-toplevel"]).trim();
  const { path: target, remove } = temporaryDirectory();
  try {
    const archive = join(target, "revision.tar");
    git(top, ["archive", "--format=tar", `--output=${archive}`, `${commit}:${prefix}`]);
    execFileSync("tar", ["-xf", archive, "-C", target], { stdio: ["ignore", "ignore", "pipe"] });
    rmSync(archive);
    rmSync(join(target, "node_modules"), { recursive: true, force: true });
    symlinkSync(installedPackages(), join(target, "node_modules"));
    const lockIn = (place: string): string | undefined => readIfThere(join(place, "package-lock.json"));
    return { directory: target, commit, hasOtherPackages: lockIn(target) !== lockIn(directory), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function commitOf(directory: string, ref: string): string {
  try {
    git(directory, ["rev-parse", "--is-inside-work-tree"]);
  } catch {
    throw new GroundworkError(
      "usage",
      `${directory} is not in a git repository, so there is no '${ref}' to compare with`,
    );
  }
  try {
    return git(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]).trim();
  } catch {
    throw new GroundworkError(
      "usage",
      `there is no git revision '${ref}' here; name a branch, a tag or a commit, or fetch it first (git fetch origin)`,
    );
  }
}

function git(directory: string, args: readonly string[]): string {
  return execFileSync("git", ["-C", directory, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The node_modules that this very process uses. */
function installedPackages(): string {
  return join(dirname(require.resolve("@pulumi/pulumi/package.json")), "..", "..");
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
