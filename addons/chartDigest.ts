import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isChartPath } from "../config/chartPath";

/**
 * SHA-256 over a chart on disk (an archive, or every file of a directory with its path), in hexadecimal.
 * The Kubernetes provider compares a release's inputs only, so without it an edited local chart would never be rolled out.
 *
 * @returns undefined where there is no such path; the provider then says so with the path.
 */
export function chartDigest(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const hash = createHash("sha256");
  if (statSync(path).isFile()) return hash.update(readFileSync(path)).digest("hex");
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files) {
    const full = join(path, file);
    if (!statSync(full).isFile()) continue;
    hash.update(`${file}\0`).update(createHash("sha256").update(readFileSync(full)).digest());
  }
  return hash.digest("hex");
}

/** Makes an edit of a chart on disk a change of its release, see {@link chartDigest}; undefined for every other chart. */
export function chartDescription(chart: string): string | undefined {
  const digest = isChartPath(chart) ? chartDigest(chart) : undefined;
  return digest === undefined ? undefined : `chart sha256:${digest.slice(0, 16)}`;
}
