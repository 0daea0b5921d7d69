import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../error";
import { filesUnder } from "../files";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import type { Progress } from "../progress";
import { requireSpace } from "../space";
import { architecture } from "./release";

/** A program of the lab in Go: a module of its own in the checkout. */
export interface GoProgram {
  /** Name of the binary, and of its directory in the cache. */
  readonly name: string;
  /** What a person calls it: "hollow k3s". */
  readonly title: string;
  /** The module's directory. */
  readonly sources: string;
  readonly ldflags: string;
  /** Free disk that the compiler needs, in bytes. */
  readonly space: number;
  /** Said before it is compiled: how long it takes. */
  readonly note: string;
  /** What else can be done where there is no Go: "or use --k3s real". */
  readonly withoutGo: string;
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
 * The binary, compiled once for each content of its sources and kept in the cache.
 *
 * @throws LabError when Go is missing, when there is no space, or with the compiler's first error.
 */
export async function ensureGoProgram(
  paths: LabPaths,
  progress: Progress,
  program: GoProgram,
): Promise<{ binary: string; source: string }> {
  const source = sourceHash(program.sources);
  const binary = join(paths.cache, program.name, source, program.name);
  if (existsSync(binary)) return { binary, source };
  await requireGo(program);
  requireSpace(paths.cache, program.space, `compiling ${program.title}`, undefined);
  progress.note(`  ${program.note}`);
  await progress.step(program.title, async (tell) => {
    await compile(program, binary, tell);
  });
  return { binary, source };
}

/** @throws LabError when Go is not on this machine. */
export async function requireGo({ title, sources, withoutGo }: GoProgram): Promise<void> {
  if ((await run("go", ["version"])).code === 0) return;
  throw new LabError(
    `${title} is compiled with Go, which is not on this machine`,
    `install Go (the version in ${join(sources, "go.mod")} or newer), ${withoutGo}`,
  );
}

async function compile(program: GoProgram, binary: string, tell: (detail: string) => void): Promise<void> {
  mkdirSync(join(binary, ".."), { recursive: true });
  const unfinished = `${binary}.${String(process.pid)}.unfinished`;
  let packages = 0;
  // -v names each package as it is compiled.
  const args = ["build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", program.ldflags, "-o", unfinished, "."];
  // For the hosts, whatever this machine is: Linux, and nothing of this machine's C library.
  const goarch = architecture();
  const built = await run("go", args, {
    cwd: program.sources,
    env: { ...process.env, CGO_ENABLED: "0", GOOS: "linux", GOARCH: goarch },
    timeoutMs: 3_600_000,
    onLine: (line) => {
      packages += line.startsWith("go: downloading") ? 0 : 1;
      tell(packages === 0 ? line.slice(0, 60) : `${String(packages)} packages compiled`);
    },
  });
  if (built.code !== 0) {
    rmSync(unfinished, { force: true });
    throw new LabError(`${program.title} does not compile: ${compileError(built.stderr)}`);
  }
  renameSync(unfinished, binary);
}

/** The first error in what `go build -v` wrote among the names of packages; its last line where none is known. */
export function compileError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const found = lines.find((line) => /\.go:\d+:/.test(line)) ?? lines.find((line) => /^go: (?!downloading)/.test(line));
  return found ?? lines.at(-1) ?? "";
}
