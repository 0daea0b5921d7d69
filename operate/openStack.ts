import { readFileSync } from "node:fs";
import { findPulumi, runPulumi } from "../automation/pulumiCli";
import { GroundworkError } from "../config/groundworkError";
import { originOf } from "../config/origin";
import type { Problem } from "../config/problem";
import { loadSettings } from "../config/read/load";
import { measureIn } from "../config/read/measure";
import { mapSecrets } from "../config/read/secrets";
import { stackCipher } from "../config/read/stackCipher";
import { parseStackFile } from "../config/read/stackFile";
import type { SettingsSource } from "../config/read/source";
import { Secret } from "../config/secret";
import { desiredCluster, type DesiredCluster } from "../desired/cluster";
import type { Settings } from "../config/settings";
import type { Environment } from "../process/run";
import { parse } from "yaml";

/** A stack's file, and where it lies. */
export interface StackOnDisk {
  readonly project: string;
  readonly stack: string;
  /** The project's directory. */
  readonly directory: string;
  /** `Pulumi.dev.yaml`, for messages. */
  readonly fileName: string;
  readonly text: string;
}

/** A stack with its secrets opened: what a verb needs to reach its machines. */
export interface OpenStack {
  readonly settings: Settings;
  readonly desired: DesiredCluster;
}

/**
 * Reads a stack's settings with their secrets, as `pulumi up` gets them. Where the stack has a passphrase and it is known, the
 * secrets are opened here; otherwise the Pulumi CLI opens them, by whatever secrets provider the stack has.
 *
 * @param warn Takes each warning of the settings, once. Default: they are left to `plan` and `up`.
 * @throws GroundworkError with every problem of the settings, or when the secrets cannot be opened.
 */
export async function openStack(
  file: StackOnDisk,
  env: Environment,
  warn: (warning: Problem) => void = () => undefined,
): Promise<OpenStack> {
  const settings = await openSettings(file, env, warn);
  if (originOf(settings) !== "machines") {
    throw new GroundworkError("usage", `stack '${file.stack}' has no machines of its own`, {
      remedy: "this verb works on the machines of 'nodes'; use kubectl with the stack's output kubeconfig",
    });
  }
  return { settings, desired: desiredCluster(settings, file.project) };
}

/** The settings alone, of a stack with or without machines of its own; otherwise as {@link openStack}. */
export async function openSettings(
  file: StackOnDisk,
  env: Environment,
  warn: (warning: Problem) => void = () => undefined,
): Promise<Settings> {
  const source: SettingsSource = {
    ...(await openSource(file, env)),
    missingSecrets: "error",
    // What works on a cluster that runs uploads nothing; what was uploaded is compared where the files are here.
    measure: measureIn(file.directory),
    missingFiles: "warning",
    warn,
  };
  return loadSettings(source, file.stack);
}

type Source = Pick<SettingsSource, "raw" | "problems" | "isUnreadable">;

/** What the file says, with its secrets opened; problems of its form are in it. */
export async function openSource(file: StackOnDisk, env: Environment): Promise<Source> {
  const closed = parseStackFile(file.text, file.fileName);
  if (closed.isUnreadable || closed.problems.length > 0 || !hasSealed(closed.raw)) return closed;
  const { encryptionsalt: salt } = parse(file.text) as { encryptionsalt?: unknown };
  const passphrase = typeof salt === "string" ? passphraseIn(env) : undefined;
  if (passphrase === undefined) return await openedByPulumi(file, env);
  return parseStackFile(file.text, file.fileName, stackCipher(passphrase, salt as string).decrypt);
}

function hasSealed(raw: Readonly<Record<string, unknown>>): boolean {
  let some = false;
  mapSecrets(raw, (value) => {
    some ||= value instanceof Secret && !value.isKnown;
    return value;
  });
  return some;
}

/** The passphrase as Pulumi takes it: from a variable, or from the file that another one names. */
function passphraseIn(env: Environment): string | undefined {
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (given !== undefined) return given;
  if (file === undefined || file === "") return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new GroundworkError("failed", `PULUMI_CONFIG_PASSPHRASE_FILE: ${file} cannot be read (${code})`);
  }
}

/** One entry of `pulumi config --json`: a text, or what a structured value is. */
interface ConfigEntry {
  readonly value?: string;
  readonly objectValue?: unknown;
}

async function openedByPulumi({ stack, directory, fileName }: StackOnDisk, env: Environment): Promise<Source> {
  let printed: string;
  try {
    const pulumi = await findPulumi({ environment: env });
    printed = await runPulumi(pulumi, ["config", "--show-secrets", "--json", "--stack", stack], {
      directory,
      environment: env,
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // A backend's client may print warnings of its own before it.
    const lines = said.split("\n");
    const reason = (lines.find((line) => line.startsWith("error: ")) ?? lines[0] ?? "").replace(/^error: /, "");
    throw new GroundworkError("failed", `the secrets of ${fileName} cannot be opened: ${reason}`, {
      remedy:
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE where the stack has a passphrase; for another secrets provider, install Pulumi's CLI, log in, and set what the provider needs",
    });
  }
  const all = JSON.parse(printed) as Readonly<Record<string, ConfigEntry>>;
  const raw = Object.fromEntries(
    Object.entries(all)
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, { value, objectValue }]) => [key.slice(PREFIX.length), objectValue ?? value]),
  );
  return {
    raw: mapSecrets(raw, (value) => (typeof value === "string" ? Secret.of(value) : value)),
    problems: [],
  };
}

const PREFIX = "groundwork:";
