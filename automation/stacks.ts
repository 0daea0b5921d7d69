import { problemLine, type Problem } from "../config/problem";
import { Secret } from "../config/secret";
import { ClusterStack } from "./clusterStack";
import { StackError } from "./errors";
import { maskOf } from "./mask";
import type { Environment } from "../process/run";
import { ownCopy, secretTexts, type SettingsObject } from "./settingsObject";

export { ClusterStack } from "./clusterStack";
export type { Stack } from "./stack";
export type {
  DestroyOptions,
  DestroyResult,
  OperationOptions,
  OperationResult,
  OutputsOptions,
  PreviewResult,
  RecordedOptions,
  RefreshResult,
  RunningOperation,
  UpOptions,
  UpResult,
} from "./operations";
export type { StackPlan } from "./plan";
export type { HistoryEntry, HistoryOptions } from "./history";
export type { Deployment, ImportOptions, ImportResult } from "./deployment";
export type { PropertyChange, ResourceChange } from "./changes";
export { StackError } from "./errors";
export type { ResourceFailure, StackErrorCode } from "./errors";
export type { ChangeCounts, Operation, StackEvent } from "./events";
export type { ResourceName } from "./resourceName";
export type { ClusterOutputs } from "./outputs";
export type { Environment } from "../process/run";
export type { SettingsObject } from "./settingsObject";
export type { Problem } from "../config/problem";
export { Secret } from "../config/secret";

/** Which stack, and how to reach it. */
export interface StackOptions {
  /** Name of the stack: letters, digits, `-`, `_` and `.`; `organization/name` in a Pulumi Cloud. */
  readonly name: string;
  /**
   * What a stack's file has under `groundwork:`, with the secrets in plain text. They are checked before anything is
   * started, and are not kept in any file. Only `preview` and `up` need them.
   */
  readonly settings?: SettingsObject;
  /**
   * Where the state is; any Pulumi backend.
   *
   * @default The backend that is logged in.
   * @example "file:///srv/state", "s3://bucket"
   */
  readonly backendUrl?: string;
  /** What the state's secrets are encrypted with; or `secretsProvider`; or neither, where the backend brings its own. */
  readonly passphrase?: string | Secret;
  /**
   * Used when the stack is made: https://www.pulumi.com/docs/concepts/secrets/.
   *
   * @default The passphrase, where there is one; otherwise the backend's own.
   * @example "awskms://alias/groundwork", "hashivault://groundwork"
   */
  readonly secretsProvider?: string;
  /**
   * Where Pulumi keeps its plugins and credentials.
   *
   * @default `~/.pulumi`
   */
  readonly pulumiHome?: string;
  /**
   * Directory of a Pulumi installation, with `bin/pulumi` in it.
   *
   * @default Looked for: on the PATH, then in `~/.pulumi`.
   */
  readonly pulumiRoot?: string;
  /** Variables that Pulumi gets besides the process's own: `PULUMI_ACCESS_TOKEN`, credentials of a bucket, … */
  readonly environment?: Environment;
}

/**
 * Opens a stack. Nothing is read or started by this.
 *
 * @throws StackError `invalid-settings` when an option is wrong.
 *
 * @example
 * ```ts
 * const stack = openStack({
 *   name: "homelab",
 *   backendUrl: "file:///srv/state",
 *   passphrase,
 *   settings: {
 *     nodes: [{ name: "atlas", role: "server", address: "192.168.10.11", hostKey: "ssh-ed25519 AAAA…" }],
 *     ssh: { privateKey },
 *   },
 * });
 * const { outputs } = await stack.up();
 * ```
 */
export function openStack(options: StackOptions): ClusterStack {
  const problems = optionProblems(options);
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problemLine(problem)}`);
    throw new StackError("invalid-settings", ["The stack cannot be opened:", ...lines].join("\n"), {
      remedy: "correct the options in `problems`",
      problems,
    });
  }
  const settings = options.settings === undefined ? undefined : ownCopy(options.settings);
  const passphrase = typeof options.passphrase === "string" ? Secret.of(options.passphrase) : options.passphrase;
  // eslint-disable-next-line no-restricted-properties -- a library's door: Pulumi runs in the caller's environment
  const environment = { ...process.env, ...options.environment };
  return new ClusterStack({
    place: {
      name: options.name,
      backendUrl: options.backendUrl,
      passphrase,
      secretsProvider: options.secretsProvider,
      pulumiHome: options.pulumiHome,
      pulumiRoot: options.pulumiRoot,
      environment,
    },
    settings,
    mask: maskOf([
      ...secretTexts(settings ?? {}),
      ...(passphrase === undefined ? [] : [passphrase.reveal()]),
      ...urlSecrets(options.backendUrl),
      ...secretVariables(environment),
    ]),
  });
}

function optionProblems({ name, passphrase, secretsProvider }: StackOptions): Problem[] {
  const problems: Problem[] = [];
  if (!/^([\w-]+\/)?[A-Za-z0-9][\w.-]{0,99}$/.test(name)) {
    const remedy = "use letters, digits, '-', '_' and '.', and begin with a letter or a digit";
    problems.push({ path: "name", problem: "is not a stack's name", remedy });
  }
  if (passphrase !== undefined && secretsProvider !== undefined) {
    problems.push({ path: "secretsProvider", problem: "is given besides a passphrase", remedy: "give one of them" });
  }
  const text = passphrase instanceof Secret ? passphrase.reveal() : passphrase;
  // The engine reads it from a file and takes such characters away; another passphrase would be used than was given.
  if (text !== undefined && (text === "" || text !== text.trim())) {
    const problem = text === "" ? "is empty" : "begins or ends with white space";
    problems.push({ path: "passphrase", problem, remedy: "give one without" });
  }
  return problems;
}

/** The password in a backend's URL (`postgres://user:password@host/…`). */
function urlSecrets(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === "" ? [] : [password, decodeURIComponent(password)];
}

function secretVariables(environment: Environment): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && /TOKEN|SECRET|PASSWORD|PASSPHRASE$/.test(name) ? [value] : [],
  );
}
