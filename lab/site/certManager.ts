import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { run } from "../../process/run";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import type { Progress } from "../progress";
import { GIB } from "../space";
import { writeFileAtomically } from "../state";
import { compileError, ensureGoProgram, type GoProgram, requireGo } from "./goProgram";

const MODULE = "github.com/cert-manager/cert-manager";

/** Said where there is no Go: what can be done all the same. */
const WITHOUT_GO = "or use --charts real or --k3s real, with which the site issues no certificates";

/** The programs that issue certificates for a lab's cluster: they run on the site. */
export interface CertificatePrograms {
  /** Path of the ACME server. */
  readonly acme: string;
  /** Path of cert-manager's controllers. */
  readonly certManager: string;
  /** What both were made from. */
  readonly source: string;
}

/** cert-manager's controllers as one program: the Go module in a checkout. */
function controllers(root: string): GoProgram {
  const sources = join(root, "lab", "cert-manager");
  return {
    name: "lab-cert-manager",
    title: "cert-manager's controllers",
    sources,
    ldflags: `-s -w -X ${MODULE}/pkg/util.AppVersion=${certManagerVersion(root)}`,
    space: 4 * GIB,
    note: "cert-manager's controllers are compiled once, which takes 4 minutes on two cores; later labs use the result",
    withoutGo: WITHOUT_GO,
  };
}

function acmeServer(root: string): GoProgram {
  return {
    name: "lab-acme",
    title: "the ACME server",
    sources: join(root, "lab", "acme"),
    ldflags: "-s -w",
    space: GIB,
    note: "the ACME server is compiled once, which takes seconds",
    withoutGo: WITHOUT_GO,
  };
}

/** The version of cert-manager that a lab's controllers are of: the one that their module pins. */
export function certManagerVersion(root: string): string {
  const pins = readFileSync(join(root, "lab", "cert-manager", "go.mod"), "utf8");
  const version = new RegExp(`^\\s*${MODULE} (v\\S+)$`, "m").exec(pins)?.[1];
  if (version === undefined) throw new LabError("lab/cert-manager/go.mod pins no cert-manager");
  return version;
}

/**
 * Both programs, compiled once for each content of their sources and kept in the cache.
 *
 * @throws LabError when Go is missing, when there is no space, or with the compiler's first error.
 */
export async function ensureCertificatePrograms(paths: LabPaths, progress: Progress): Promise<CertificatePrograms> {
  const acme = await ensureGoProgram(paths, progress, acmeServer(paths.root));
  const certManager = await ensureGoProgram(paths, progress, controllers(paths.root));
  return { acme: acme.binary, certManager: certManager.binary, source: `${acme.source} ${certManager.source}` };
}

/** The lab's own chart of cert-manager as a stack names it: from the checkout. */
export function certManagerChart(paths: LabPaths): string {
  return `./${relative(paths.root, paths.certManagerChart)}`;
}

/**
 * Writes the lab's own chart of cert-manager: the stand-in with cert-manager's own definitions, which its controllers need.
 *
 * @returns The chart as a stack names it.
 * @throws LabError when Go is missing, or with its last error.
 */
export async function ensureCertManagerChart(paths: LabPaths, progress: Progress): Promise<string> {
  const definitions = await ensureDefinitions(paths, progress);
  rmSync(paths.certManagerChart, { recursive: true, force: true });
  cpSync(join(paths.root, "addons", "cert-manager", "stand-in"), paths.certManagerChart, { recursive: true });
  cpSync(definitions, join(paths.certManagerChart, "definitions"), { recursive: true });
  return certManagerChart(paths);
}

const downloaded = z.object({ Dir: z.string() });

/** cert-manager's own definitions, from its Go module; kept in the cache. */
async function ensureDefinitions(paths: LabPaths, progress: Progress): Promise<string> {
  const kept = join(paths.cache, "cert-manager-definitions", certManagerVersion(paths.root));
  if (existsSync(kept)) return kept;
  const program = controllers(paths.root);
  await requireGo(program);
  await progress.step("cert-manager's definitions", async () => {
    const found = await run("go", ["mod", "download", "-json", MODULE], { cwd: program.sources, timeoutMs: 600_000 });
    if (found.code !== 0) throw new LabError(`cert-manager's module cannot be had: ${compileError(found.stderr)}`);
    const from = join(downloaded.parse(JSON.parse(found.stdout)).Dir, "deploy", "crds");
    const unfinished = `${kept}.${String(process.pid)}`;
    // Written anew: Go keeps its modules read-only.
    for (const file of readdirSync(from).filter((name) => name.endsWith(".yaml"))) {
      writeFileAtomically(join(unfinished, file), readFileSync(join(from, file)), 0o644);
    }
    if (!existsSync(kept)) renameSync(unfinished, kept);
    else rmSync(unfinished, { recursive: true });
  });
  return kept;
}
