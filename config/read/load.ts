import * as pulumi from "@pulumi/pulumi";
import { didYouMean } from "../schema/didYouMean";
import { unknownKey } from "./schemaProblems";
import { measureIn } from "./measure";
import { parseSettings, type ParsedSettings } from "./parse";
import { GroundworkError } from "../groundworkError";
import { problemLine, type Problem } from "../problem";
import { Secret } from "../secret";
import { plainSecret } from "../schema/secretPaths";
import { settingsSchema } from "./schema";
import { holdsSecrets, mapSecrets } from "./secrets";
import type { Settings } from "../settings";
import type { SettingsSource } from "./source";

/** The namespace of the settings in a stack's file, whatever the project is called. */
export const CONFIG_NAMESPACE = "groundwork";

/**
 * Reads and checks a stack's settings.
 *
 * @throws GroundworkError `invalid-settings` with every problem at once.
 */
export function loadSettings(source: SettingsSource, stack: string): Settings {
  const { settings, problems } = readSettings(source, stack);
  if (settings !== undefined) return settings;
  throw new GroundworkError("invalid-settings", problemText(stack, problems), { problems });
}

/** A stack's settings, or every problem that they have; warnings go where the source says. */
export function readSettings(source: SettingsSource, stack: string): Omit<ParsedSettings, "warnings"> {
  if (source.isUnreadable === true) return { settings: undefined, problems: source.problems };
  const { missingSecrets, missingFiles, measure, now } = source;
  const parsed = parseSettings(source.raw, { stack, missingSecrets, missingFiles, measure, now });
  parsed.warnings.forEach(source.warn);
  const problems = [...source.problems, ...parsed.problems];
  return { settings: problems.length === 0 ? parsed.settings : undefined, problems };
}

/** All that is wrong with a stack's settings, a line each. */
export function problemText(stack: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  return [
    `The settings of stack '${stack}' have ${count}:`,
    ...problems.map((problem) => `  ${problemLine(problem)}`),
  ].join("\n");
}

/**
 * The settings as Pulumi's engine gives them to the program: the only reader of `pulumi.Config`. The engine has decrypted
 * the secrets; of each top-level key it tells only whether there is a secret in it.
 */
export function engineSource(config: pulumi.Config = new pulumi.Config(CONFIG_NAMESPACE)): SettingsSource {
  const problems: Problem[] = [];
  const entries: [string, unknown][] = [];
  const prefix = `${config.name}:`;
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  for (const key of keys.map((each) => each.slice(prefix.length)).sort()) {
    try {
      entries.push([key, config.requireObject<unknown>(key)]);
    } catch {
      problems.push(notStructured(key));
    }
  }
  const raw = Object.fromEntries(entries);
  const secrets = mapSecrets(raw, (value, path) => {
    if (typeof value !== "string") return value;
    if (containsSecret(config.name, String(path[0]))) return Secret.of(value);
    problems.push(plainSecret(path));
    return Secret.sealed();
  });
  problems.push(...needlesslyEncrypted(config.name, Object.keys(raw)));
  return { raw: secrets, problems, missingSecrets: "error", measure: measureIn("."), now: new Date(), warn };
}

function notStructured(key: string): Problem {
  const known = Object.keys(settingsSchema.shape);
  if (!known.includes(key)) return unknownKey([], key, didYouMean([], key, known).remedy);
  return {
    path: key,
    problem: "is a single value, not a group of settings or a list",
    remedy: `write 'key: value' lines under groundwork:${key} in the stack's file, or set one value with: pulumi config set --path 'groundwork:${key}.KEY' VALUE`,
  };
}

function needlesslyEncrypted(namespace: string, keys: readonly string[]): Problem[] {
  return keys
    .filter((key) => !holdsSecrets(key) && containsSecret(namespace, key))
    .map((key) => ({
      path: key,
      problem: "holds an encrypted value, but none of its settings is a secret",
      remedy: "write it in plain text; it would not be kept secret in the cluster or in the state",
    }));
}

/** `runtime.isConfigSecret`: part of the SDK (runtime/config.ts), left out of its type declarations. */
function containsSecret(namespace: string, key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (fullKey: string) => boolean };
  return isConfigSecret(`${namespace}:${key}`);
}

function warn(warning: Problem): void {
  void pulumi.log.warn(problemLine(warning));
}
