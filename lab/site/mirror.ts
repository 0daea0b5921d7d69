import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import type { Progress } from "../progress";
import { writeFileAtomically } from "../state";
import { ensureHollow, isHollow, stamp, stampedBinary } from "./hollow";
import { officialBinary } from "./official";
import { checkVersion, hasRelease, putRelease } from "./release";

/** What stands for k3s in a lab: `hollow`, `real`, or the absolute path of a binary. */
export type K3sSource = string;

/** Reads `--k3s`. @throws LabError for a file that is not there. */
export function k3sSource(text: string): K3sSource {
  if (text === "hollow" || text === "real") return text;
  const path = resolve(text);
  if (existsSync(path) && statSync(path).isFile()) return path;
  throw new LabError(`--k3s ${text}: there is no such file`, "write hollow, real, or the path of a k3s binary");
}

/**
 * Makes sure that a release is in the lab's mirror. Hosts get it from there as they would from k3s's own releases.
 *
 * @returns Whether it was put there now.
 */
export async function ensureRelease(
  paths: LabPaths,
  k3s: K3sSource,
  version: string,
  progress: Progress,
): Promise<boolean> {
  checkVersion(version);
  mkdirSync(paths.mirror, { recursive: true });
  if (k3s === "hollow") {
    const { binary, source } = await ensureHollow(paths, progress);
    if (hasRelease(paths, version, `hollow ${source}`)) return false;
    await progress.step(`hollow k3s as ${version} in the mirror`, async () => {
      await putRelease(paths, version, stampedBinary(binary, version), `hollow ${source}`);
    });
    return true;
  }
  const binary = k3s === "real" ? await officialBinary(paths.cache, version, progress) : k3sSource(k3s);
  const { size, mtimeMs } = statSync(binary);
  const source = `${k3s} ${String(size)} ${String(mtimeMs)}`;
  if (hasRelease(paths, version, source)) return false;
  await progress.step(`k3s ${version} in the mirror`, async () => {
    await putBinary(paths, version, binary, source);
  });
  return true;
}

/** A binary that is hollow k3s says what release it is put as; any other is what it is. */
async function putBinary(paths: LabPaths, version: string, binary: string, source: string): Promise<void> {
  const content = readFileSync(binary);
  if (!isHollow(content)) {
    await putRelease(paths, version, binary, source);
    return;
  }
  const stamped = join(paths.mirror, `.stamped-${version}`);
  try {
    writeFileAtomically(stamped, stamp(content, version), 0o755);
    await putRelease(paths, version, stamped, source);
  } finally {
    rmSync(stamped, { force: true });
  }
}
