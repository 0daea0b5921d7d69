import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { splitLines } from "./lines";

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
  if (installed !== undefined && said(installed, "version", "--template", "{{.Version}}").startsWith("v3.")) {
    return installed;
  }
  const go = inPath("go");
  const goVersion = go === undefined ? "none" : said(go, "env", "GOVERSION");
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

function said(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8" }).trim();
}

function install(go: string, directory: string, print: (line: string) => void): Promise<void> {
  const env = { ...process.env, GOBIN: directory, GOFLAGS: "-trimpath", CGO_ENABLED: "0" };
  const child = spawn(go, ["install", "-ldflags", "-s -w", HELM_MODULE], { env, stdio: ["ignore", "ignore", "pipe"] });
  const lines = splitLines(print);
  child.stderr.on("data", lines.add);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`go install ${HELM_MODULE} ended with ${code}`)),
    );
  });
}

function inPath(name: string): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
}
