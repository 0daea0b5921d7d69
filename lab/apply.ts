import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Stack } from "@pulumi/pulumi/automation";
import type { LabEngine } from "./engine/engine";
import type { Watcher } from "./engine/progress";
import { LabError, messageOf } from "./error";
import { stackName } from "./naming";
import { ensurePassphrase } from "./stack/passphrase";
import type { LabPaths } from "./paths";
import { pulumiForLab } from "./pulumiCli";
import { readablePulumi } from "./pulumiLines";
import { openStackConfig } from "./stack/stackConfig";

/** What applies the program to a lab's stack. */
export type EngineName = "pulumi" | "lab";

export interface ApplyResult {
  /** Whether any resource was created, updated, replaced or deleted. */
  readonly changed: boolean;
  /** The stack's outputs in the clear, by name. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Applies a lab's stack with one engine; `print` gets the engine's own lines as they come. */
export type Apply = (paths: LabPaths, lab: string, print: (line: string) => void) => Promise<ApplyResult>;

/** The engine that a stack was begun with: each keeps a state of its own. */
export function engineInUse(paths: LabPaths): EngineName | undefined {
  if (existsSync(labStateFile(paths))) return "lab";
  return existsSync(join(paths.backend, ".pulumi", "stacks")) ? "pulumi" : undefined;
}

/** Why the Pulumi CLI can neither be found nor be fetched by its npm package; undefined when it can. */
export async function whyNoPulumi(paths: LabPaths): Promise<string | undefined> {
  const found = await pulumiForLab(pulumiEnvironment(paths), paths.root);
  return typeof found === "string" ? found : undefined;
}

/** Deletes everything of a lab's stack, as `pulumi destroy` does. */
export type Destroy = (paths: LabPaths, lab: string, print: (line: string) => void) => Promise<void>;

/** `pulumi up` with the file backend in the lab's directory and the lab's own passphrase. */
export const applyWithPulumi: Apply = async (paths, lab, print) =>
  await onPulumi(paths, lab, "up", async (stack) => {
    const onOutput = lineByLine(readablePulumi(print));
    const result = await stack.up({ onOutput, color: "never", suppressOutputs: true });
    const changes: Readonly<Record<string, number | undefined>> = result.summary.resourceChanges ?? {};
    const changed = Object.entries(changes).some(([kind, count]) => kind !== "same" && (count ?? 0) > 0);
    const outputs = Object.entries(result.outputs).map(([name, { value }]) => [name, value as unknown]);
    return { changed, outputs: Object.fromEntries(outputs) as Record<string, unknown> };
  });

/** `pulumi destroy` of the same stack. */
export const destroyWithPulumi: Destroy = async (paths, lab, print) => {
  await onPulumi(paths, lab, "destroy", async (stack) => {
    await stack.destroy({ onOutput: lineByLine(readablePulumi(print)), color: "never", suppressOutputs: true });
  });
};

async function onPulumi<T>(paths: LabPaths, lab: string, verb: string, work: (stack: Stack) => Promise<T>): Promise<T> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the lab's other commands do without the SDK
  const { LocalWorkspace } = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
  const pulumiCommand = await pulumiForLab(pulumiEnvironment(paths), paths.root);
  if (typeof pulumiCommand === "string") {
    throw new LabError(
      pulumiCommand,
      "install it (https://www.pulumi.com/docs/install/), or use --engine lab, which needs none",
    );
  }
  mkdirSync(paths.backend, { recursive: true, mode: 0o700 });
  ensurePassphrase(paths);
  // The Automation API adds the whole environment of this process, where another stack's passphrase would win.
  const { [PASSPHRASE]: another } = process.env;
  let isAtWork = false;
  delete process.env[PASSPHRASE];
  try {
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: stackName(lab), workDir: paths.root },
      { envVars: pulumiVariables(paths), pulumiCommand },
    );
    isAtWork = true;
    return await work(stack);
  } catch (error) {
    const above = isAtWork ? " (see above)" : "";
    throw new LabError(`'pulumi ${verb}' of stack ${stackName(lab)} failed${above}: ${lastError(messageOf(error))}`);
  } finally {
    if (another !== undefined) process.env[PASSPHRASE] = another;
  }
}

const PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE";

/** Hands on whole lines of a text that comes in pieces. */
function lineByLine(print: (line: string) => void): (piece: string) => void {
  let unfinished = "";
  return (piece) => {
    const lines = (unfinished + piece).split("\n");
    unfinished = lines.pop() ?? "";
    lines.forEach(print);
  };
}

/** The lab engine: the same program without the Pulumi CLI. */
export const applyWithLabEngine: Apply = async (paths, lab, print) =>
  await onLabEngine(paths, lab, print, async (engine) => {
    const result = await engine.up();
    const outputs = Object.fromEntries(Object.entries(result.outputs).map(([name, { value }]) => [name, value]));
    return { changed: result.changed, outputs };
  });

/** What the lab engine would do, in the form of `pulumi preview --json --show-sames`; nothing is done. */
export async function previewWithLabEngine(
  paths: LabPaths,
  lab: string,
  print: (line: string) => void,
): Promise<string> {
  const { steps } = await onLabEngine(paths, lab, print, async (engine) => await engine.preview());
  return JSON.stringify({ steps });
}

/** The lab engine's way to delete everything. */
export const destroyWithLabEngine: Destroy = async (paths, lab, print) => {
  await onLabEngine(paths, lab, print, async (engine) => await engine.destroy());
};

/** The outputs of the last `up` on the lab engine: what other programs may refer to. */
export async function labEngineOutputs(
  paths: LabPaths,
  lab: string,
): Promise<Readonly<Record<string, { readonly value: unknown; readonly secret: boolean }>>> {
  return await onLabEngine(
    paths,
    lab,
    () => undefined,
    (engine) => Promise.resolve(engine.outputs()),
  );
}

async function onLabEngine<T>(
  paths: LabPaths,
  lab: string,
  print: (line: string) => void,
  work: (engine: LabEngine) => Promise<T>,
): Promise<T> {
  try {
    return await withLabEngine(paths, lab, { print }, work);
  } catch (error) {
    throw new LabError(messageOf(error));
  }
}

/** Does something with the lab engine on a lab's stack. */
export async function withLabEngine<T>(
  paths: LabPaths,
  lab: string,
  listeners: { readonly print: (line: string) => void; readonly watcher?: Watcher },
  work: (engine: LabEngine) => Promise<T>,
): Promise<T> {
  /* eslint-disable @typescript-eslint/no-require-imports -- the lab's other commands do without the program */
  const { labEngine } = require("./engine/engine") as typeof import("./engine/engine");
  const { groundwork } = require("../index") as typeof import("../index");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const engine = labEngine({
    stack: stackName(lab),
    program: () => groundwork(undefined, process.env["SSH_AUTH_SOCK"]),
    config: openStackConfig(paths),
    stateFile: labStateFile(paths),
    passphrase: ensurePassphrase(paths),
    ...listeners,
  });
  // Paths in the settings, such as a chart's, are from the project's directory, as with Pulumi.
  const before = process.cwd();
  process.chdir(paths.root);
  try {
    return await work(engine);
  } finally {
    process.chdir(before);
  }
}

/** The environment in which `pulumi` works on a lab's stack, for the lab and for a person. */
export function pulumiEnvironment(paths: LabPaths): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // Another stack's passphrase would win over this one's file.
  const others = inherited.filter(([name]) => name !== PASSPHRASE);
  return { ...Object.fromEntries(others), ...pulumiVariables(paths) };
}

/** The two variables that make a person's `pulumi` find the lab's stack. */
export function pulumiVariables(paths: LabPaths): Record<string, string> {
  return {
    PULUMI_BACKEND_URL: pathToFileURL(paths.backend).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

function labStateFile(paths: LabPaths): string {
  return join(paths.directory, "engine-state.json");
}

/** Pulumi's output ends with a summary; what went wrong stands before it. */
function lastError(text: string): string {
  const lines = text.split(" | ").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /^\s*error: /.test(line) && !/error: (update|destroy) failed/.test(line));
  return (errors.at(-1) ?? lines.at(-1) ?? text).replace(/^\s*error: /, "");
}
