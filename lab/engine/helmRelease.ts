import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { randomBytes } from "node:crypto";
import { HalfMade, type Executor, type Work } from "./executor";
import type { HelmBinary } from "./helmBinary";
import { splitLines } from "../../process/lines";
import { run, type Environment } from "../../process/run";
import { isObject, type Value, type Values } from "./propertyValues";

/** Inputs of `helm.v3.Release` that become a flag when they are true. */
const SWITCHES: Readonly<Record<string, string>> = {
  atomic: "--atomic",
  cleanupOnFail: "--cleanup-on-fail",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  forceUpdate: "--force",
  renderSubchartNotes: "--render-subchart-notes",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
  skipCrds: "--skip-crds",
  takeOwnership: "--take-ownership",
  waitForJobs: "--wait-for-jobs",
};
/** Inputs that are handled apart, or change nothing of a release. */
const OTHERS = [
  "allowNullValues",
  "chart",
  "compat",
  "description",
  "lint",
  "maxHistory",
  "name",
  "namespace",
  "skipAwait",
].concat([
  "repositoryOpts",
  "timeout",
  "valueYamlFiles",
  "values",
  "version",
  "recreatePods",
  "resourceNames",
  "manifest",
]);
const DEFAULT_TIMEOUT_SECONDS = 300;

/** `kubernetes:helm.sh/v3:Release` by Helm itself: hooks run, `helm list` shows it, it waits as Helm waits. */
export function helmReleases(binary: HelmBinary): Executor {
  const install = async (work: Work, name: string): Promise<Values> => {
    refuseUnknown(work.inputs);
    const { chart, version, timeout, maxHistory, skipAwait, description } = work.inputs;
    const repository = (work.inputs["repositoryOpts"] ?? {}) as Values;
    const seconds = work.timeoutSeconds ?? Number(timeout ?? DEFAULT_TIMEOUT_SECONDS);
    const switches = Object.entries(SWITCHES).filter(([input]) => work.inputs[input] === true);
    const said = await helm(await binary(work.print), work, [
      ...["upgrade", name, String(chart)],
      ...["--install", "--output", "json", "--namespace", namespaceOf(work), "--timeout", `${seconds}s`],
      ...flag("--version", version),
      ...flag("--repo", repository["repo"]),
      ...flag("--ca-file", repository["caFile"]),
      ...flag("--history-max", maxHistory),
      ...flag("--description", description),
      ...(skipAwait === true ? [] : ["--wait"]),
      ...switches.map(([, option]) => option),
    ]);
    return { ...work.inputs, name, status: statusOf(said, name, namespaceOf(work)) };
  };

  return {
    replaces: ({ path }) => ["name", "namespace"].includes(String(path[0])),
    create: async (work) => {
      const name = nameOf(work.inputs) ?? `${work.name}-${randomBytes(4).toString("hex")}`;
      const id = `${namespaceOf(work)}/${name}`;
      try {
        return { id, outputs: await install(work, name) };
      } catch (error) {
        // Helm keeps a failed release: it is on record to be upgraded next time, or uninstalled.
        throw new HalfMade({ id, outputs: { ...work.inputs, name } }, error as Error);
      }
    },
    update: (work) => install(work, nameOf(work.old?.outputs) ?? work.name),
    delete: async (work) => {
      const name = nameOf(work.old?.outputs) ?? work.name;
      const seconds = work.timeoutSeconds ?? Number(work.inputs["timeout"] ?? DEFAULT_TIMEOUT_SECONDS);
      const flags = ["--namespace", namespaceOf(work), "--ignore-not-found", "--wait", "--timeout", `${seconds}s`];
      await helm(await binary(work.print), work, ["uninstall", name, ...flags]);
    },
  };
}

/** Runs Helm with its kubeconfig and values in files that only we can read, and gives back what it says. */
async function helm(binary: string, work: Work, args: readonly string[]): Promise<string> {
  const kubeconfig = work.provider?.["kubeconfig"];
  if (typeof kubeconfig !== "string") {
    throw new Error("it has no provider with a kubeconfig: the lab engine has no default cluster");
  }
  const directory = mkdtempSync(join(tmpdir(), "groundwork-helm-"));
  try {
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return join(directory, name);
    };
    const config = file("kubeconfig", existsSync(kubeconfig) ? readFileSync(kubeconfig, "utf8") : kubeconfig);
    const values =
      args[0] === "upgrade"
        ? valueTexts(work.inputs).flatMap((text, at) => ["--values", file(`values-${at}.yaml`, text)])
        : [];
    const env = { ...process.env, HELM_CACHE_HOME: directory, HELM_CONFIG_HOME: directory, HELM_DATA_HOME: directory };
    return await runHelm(
      binary,
      [...args, ...values, "--kubeconfig", config, ...flag("--kube-context", work.provider?.["context"])],
      env,
      work,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runHelm(binary: string, args: readonly string[], env: Environment, work: Work): Promise<string> {
  // What Helm answers is on its standard output; what a person should see is on the other.
  const lines = splitLines(work.print);
  const { code, stdout, stderr } = await run(binary, args, {
    env,
    timeoutMs: Infinity,
    onOutput: (stream, bytes) => {
      if (stream === "stderr") lines.add(bytes);
    },
  });
  lines.end();
  if (code === 0) return stdout;
  throw new Error(`helm ${args[0]} ended with ${code}:\n${stderr.trimEnd()}`);
}

/** The values files first, then the values, as Helm lets later ones win. JSON is YAML. */
function valueTexts(inputs: Values): string[] {
  const files = (inputs["valueYamlFiles"] ?? []) as Value[];
  const values = inputs["values"];
  return [...files.map(assetText), ...(values === undefined ? [] : [JSON.stringify(values)])];
}

function assetText(asset: Value): string {
  if (isObject(asset) && asset[pulumi.runtime.specialSigKey] === pulumi.runtime.specialAssetSig) {
    if (typeof asset["text"] === "string") return asset["text"];
    if (typeof asset["path"] === "string") return readFileSync(asset["path"], "utf8");
  }
  throw new Error("valueYamlFiles must be file or text assets for the lab engine");
}

function refuseUnknown(inputs: Values): void {
  const repository = (inputs["repositoryOpts"] ?? {}) as Values;
  if (["password", "certFile", "keyFile"].some((name) => repository[name] !== undefined)) {
    throw new Error(
      "the lab engine takes no credentials for a chart repository: use a mirror without, or a chart directory",
    );
  }
  const unknown = Object.keys(inputs).find(
    (name) => !(name in SWITCHES) && !OTHERS.includes(name) && isGiven(inputs[name]),
  );
  if (unknown !== undefined) throw new Error(`the lab engine does not imitate ${unknown} of a release`);
}

function namespaceOf(work: Work): string {
  const namespace = work.inputs["namespace"] ?? work.provider?.["namespace"];
  return typeof namespace === "string" ? namespace : "default";
}

function nameOf(properties: Values | undefined): string | undefined {
  const name = properties?.["name"];
  return typeof name === "string" ? name : undefined;
}

function isGiven(value: Value): boolean {
  return value !== undefined && value !== null && value !== false && value !== "";
}

function flag(name: string, value: Value): string[] {
  return isGiven(value) ? [name, String(value)] : [];
}

/** `status` as the provider gives it, without the manifest: that may hold secrets. */
function statusOf(said: string, name: string, namespace: string): Values {
  const release = JSON.parse(said.slice(said.indexOf("{"))) as {
    version?: number;
    info?: { status?: string };
    chart?: { metadata?: { name?: string; version?: string; appVersion?: string } };
  };
  const { name: chart, version, appVersion } = release.chart?.metadata ?? {};
  return { name, namespace, revision: release.version, status: release.info?.status, chart, version, appVersion };
}
