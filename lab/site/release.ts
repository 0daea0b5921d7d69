import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import { writeFileAtomically } from "../state";

/** k3s's name for the architecture of this machine. @throws LabError for one that k3s is not released for. */
export function architecture(arch: string = process.arch): "amd64" | "arm64" | "arm" {
  const names = { x64: "amd64", arm64: "arm64", arm: "arm" } as const;
  const name = Object.entries(names).find(([node]) => node === arch)?.[1];
  if (name === undefined) throw new LabError(`k3s is not released for this machine's architecture (${arch})`);
  return name;
}

/** Name of the binary in a release of k3s: `k3s`, `k3s-arm64`, `k3s-armhf`. */
export function assetName(arch: string): string {
  if (arch === "amd64") return "k3s";
  return arch === "arm" ? "k3s-armhf" : `k3s-${arch}`;
}

/** @throws LabError when a text is not a k3s version. */
export function checkVersion(version: string): string {
  if (/^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$/.test(version)) return version;
  throw new LabError(`${JSON.stringify(version)} is not a k3s version; write one like v1.36.4+k3s1`);
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

const sourcesSchema = z.record(z.string(), z.string());

/** Whether the mirror has a version already, made from the same source. */
export function hasRelease(paths: LabPaths, version: string, source: string): boolean {
  const directory = join(paths.mirror, version);
  const arch = architecture();
  return (
    sources(paths)[version] === source &&
    existsSync(join(directory, assetName(arch))) &&
    existsSync(join(directory, `sha256sum-${arch}.txt`))
  );
}

/** SHA-256 of a version's binary as the mirror tells it; undefined where the mirror lacks the version. */
export function releasedSum(paths: LabPaths, version: string): string | undefined {
  const file = join(paths.mirror, version, `sha256sum-${architecture()}.txt`);
  return existsSync(file) ? readFileSync(file, "utf8").split(" ")[0] : undefined;
}

/** Versions in the mirror, sorted by name. */
export function releases(paths: LabPaths): string[] {
  return existsSync(paths.mirror)
    ? readdirSync(paths.mirror)
        .filter((name) => name.startsWith("v"))
        .sort()
    : [];
}

/**
 * Puts a binary into the mirror as a release: `<version>/k3s` and `<version>/sha256sum-<arch>.txt` in sha256sum's
 * format. The binary is linked where the file system allows it, and copied otherwise.
 *
 * @param source What the binary was made from; the same source is not put there again.
 */
export async function putRelease(paths: LabPaths, version: string, binary: string, source: string): Promise<void> {
  const arch = architecture();
  const asset = assetName(arch);
  const directory = join(paths.mirror, version);
  mkdirSync(directory, { recursive: true });
  const fresh = join(directory, `.${asset}.new`);
  rmSync(fresh, { force: true });
  try {
    linkSync(binary, fresh);
  } catch {
    copyFileSync(binary, fresh);
  }
  const sum = await sha256(fresh);
  // The old sums go first: a run that ends here leaves a release without sums, which no node accepts.
  rmSync(join(directory, `sha256sum-${arch}.txt`), { force: true });
  renameSync(fresh, join(directory, asset));
  writeFileAtomically(join(directory, `sha256sum-${arch}.txt`), `${sum}  ${asset}\n`, 0o644);
  writeFileAtomically(sourcesPath(paths), JSON.stringify({ ...sources(paths), [version]: source }));
}

function sourcesPath(paths: LabPaths): string {
  return join(paths.directory, "releases.json");
}

function sources(paths: LabPaths): Record<string, string> {
  try {
    const parsed = sourcesSchema.safeParse(JSON.parse(readFileSync(sourcesPath(paths), "utf8")));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
