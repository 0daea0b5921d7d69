import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../../process/run";

/** The Helm that is built when none is installed. */
const HELM_MODULE = "helm.sh/helm/v3/cmd/helm@v3.22.0";

/** Finds Helm when it is first needed, once a run. Its progress goes to who asked first. */
export type HelmBinary = (print: (line: string) => void) => Promise<string>;

/** Helm 3 from PATH, or built from its Go module into a cache directory that is named after what is built. */
export function helmBinary(cacheDirectory: string): HelmBinary {
  let found: Promise<string> | undefined;
  return (print) => (found ??= find(cacheDirectory, print));
}

async function find(cacheDirectory: string, print: (line: string) => void): Promise<string> {
  const installed = inPath("helm");
  if (installed !== undefined && (await said(installed, "version", "--template", "{{.Version}}")).startsWith("v3.")) {
    return installed;
  }
  const go = inPath("go");
  const goVersion = go === undefined ? "none" : await said(go, "env", "GOVERSION");
  const content = createHash("sha256").update(`${HELM_MODULE} ${goVersion}`).digest("hex").slice(0, 16);
  const directory = join(cacheDirectory, `helm-${content}`);
  const binary = join(directory, "helm");
  if (existsSync(binary)) return binary;
  if (go === undefined) throw new Error("a release needs Helm 3: put helm into PATH, or Go to build it with");
  print(`building Helm from ${HELM_MODULE}, once: about two minutes`);
  const building = `${directory}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  await install(go, building, print);
  mkdirSync(directory, { recursive: true });
  renameSync(join(building, "helm"), binary);
  rmSync(building, { recursive: true, force: true });
  return binary;
}

async function said(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return stdout.trim();
}

async function install(go: string, directory: string, print: (line: string) => void): Promise<void> {
  const env = { ...process.env, GOBIN: directory, GOFLAGS: "-trimpath", CGO_ENABLED: "0" };
  const args = ["install", "-ldflags", "-s -w", HELM_MODULE];
  const { code } = await run(go, args, { env, timeoutMs: Infinity, onLine: print });
  if (code !== 0) throw new Error(`go install ${HELM_MODULE} ended with ${code}`);
}

function inPath(name: string): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
}
