import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../error";
import { filesUnder } from "../files";
import { GIB, requireSpace } from "../space";
import type { LabPaths } from "../paths";
import { architecture } from "./release";
import { run } from "../../process/run";
import type { Progress } from "../progress";
import { writeFileAtomically } from "../state";

/** The Go module of hollow k3s in a checkout. */
export function hollowSources(root: string): string {
  return join(root, "lab", "hollow-k3s");
}

/** Content of what a build depends on: Go sources without tests, and the module's pins. */
export function sourceHash(directory: string): string {
  const hash = createHash("sha256");
  for (const file of filesUnder(directory)) {
    const counts = /\.(go|mod|sum|yaml|sh)$/.test(file.path) && !file.path.endsWith("_test.go");
    if (counts) hash.update(`${file.path}\0`).update(file.content);
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Hollow k3s, compiled once for each content of its sources and kept in the cache.
 *
 * @throws LabError when Go is missing, when there is no space, or with the compiler's first error.
 */
export async function ensureHollow(paths: LabPaths, progress: Progress): Promise<{ binary: string; source: string }> {
  const sources = hollowSources(paths.root);
  if (!existsSync(join(sources, "go.mod"))) throw new LabError(`${sources} is not there`, "use --k3s real");
  const source = sourceHash(sources);
  const binary = join(paths.cache, "hollow-k3s", source, "hollow-k3s");
  if (existsSync(binary)) return { binary, source };
  if ((await run("go", ["version"])).code !== 0) {
    throw new LabError(
      "hollow k3s is compiled with Go, which is not on this machine",
      "install Go (the version in lab/hollow-k3s/go.mod or newer), or use --k3s real",
    );
  }
  requireSpace(paths.cache, 6 * GIB, "compiling hollow k3s", undefined);
  progress.note(
    "  hollow k3s is compiled once, which takes a quarter of an hour on two cores; later labs use the result",
  );
  await progress.step("hollow k3s", async (tell) => {
    await compile(sources, binary, tell);
  });
  return { binary, source };
}

async function compile(sources: string, binary: string, tell: (detail: string) => void): Promise<void> {
  mkdirSync(join(binary, ".."), { recursive: true });
  const unfinished = `${binary}.${String(process.pid)}.unfinished`;
  let packages = 0;
  // The flags of build.sh there: both then share Go's cache. -v names each package as it is compiled.
  const args = ["build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", unfinished, "."];
  // For the hosts, whatever this machine is: Linux, and nothing of this machine's C library.
  const goarch = architecture();
  const built = await run("go", args, {
    cwd: sources,
    env: { ...process.env, CGO_ENABLED: "0", GOOS: "linux", GOARCH: goarch },
    timeoutMs: 3_600_000,
    onLine: (line) => {
      packages += line.startsWith("go: downloading") ? 0 : 1;
      tell(packages === 0 ? line.slice(0, 60) : `${String(packages)} packages compiled`);
    },
  });
  if (built.code !== 0) {
    rmSync(unfinished, { force: true });
    const complaint = compileError(built.stderr);
    throw new LabError(`hollow k3s does not compile: ${complaint}`);
  }
  renameSync(unfinished, binary);
}

/** The first error in what `go build -v` wrote among the names of packages; its last line where none is known. */
export function compileError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const found = lines.find((line) => /\.go:\d+:/.test(line)) ?? lines.find((line) => /^go: (?!downloading)/.test(line));
  return found ?? lines.at(-1) ?? "";
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
