import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import type { Progress } from "../progress";
import { GIB } from "../space";
import { writeFileAtomically } from "../state";
import { ensureGoProgram } from "./goProgram";

/** The Go module of hollow k3s in a checkout. */
export function hollowSources(root: string): string {
  return join(root, "lab", "hollow-k3s");
}

/**
 * Hollow k3s, compiled once for each content of its sources and kept in the cache.
 *
 * @throws LabError when Go is missing, when there is no space, or with the compiler's first error.
 */
export async function ensureHollow(paths: LabPaths, progress: Progress): Promise<{ binary: string; source: string }> {
  const sources = hollowSources(paths.root);
  if (!existsSync(join(sources, "go.mod"))) throw new LabError(`${sources} is not there`, "use --k3s real");
  return await ensureGoProgram(paths, progress, {
    name: "hollow-k3s",
    title: "hollow k3s",
    sources,
    // The flags of build.sh there: both then share Go's cache.
    ldflags: "-s -w",
    space: 6 * GIB,
    note: "hollow k3s is compiled once, which takes a quarter of an hour on two cores; later labs use the result",
    withoutGo: "or use --k3s real",
  });
}

/** Where the release stands in the binary; see lab/hollow-k3s/internal/stamp. */
const MARKER = "hollow-k3s-release-stamp:";
const RELEASE_BYTES = 40;

/**
 * Gives a binary of hollow k3s another release: `hollow k3s says v1.35.6+k3s1` without another compile.
 *
 * @throws LabError when it does not carry exactly one stamp.
 */
export function stamp(content: Buffer, release: string): Buffer {
  const at = content.indexOf(MARKER);
  if (at < 0 || content.includes(MARKER, at + 1)) {
    throw new LabError("this is not hollow k3s: it does not carry exactly one release stamp");
  }
  if (release.length > RELEASE_BYTES) throw new LabError(`${release} is too long for hollow k3s`);
  const stamped = Buffer.from(content);
  stamped.write(release.padEnd(RELEASE_BYTES), at + MARKER.length);
  return stamped;
}

/** Whether a binary is hollow k3s, told by its stamp. */
export function isHollow(content: Buffer): boolean {
  return content.includes(MARKER);
}

/** A stamped copy of the compiled binary, beside it in the cache. */
export function stampedBinary(binary: string, release: string): string {
  const path = join(binary, "..", release, "k3s");
  if (existsSync(path)) return path;
  writeFileAtomically(path, stamp(readFileSync(binary), release), 0o755);
  chmodSync(path, 0o755);
  return path;
}
