import { Secret } from "../config/secret";
import { ClusterStack } from "./clusterStack";
import { maskOf } from "./mask";
import type { Environment } from "../process/run";
import { ownCopy, secretTexts } from "./settingsObject";
import { checkOptions, type StackOptions } from "./stackOptions";

export { ClusterStack } from "./clusterStack";
export { changeFleet } from "./fleet";
export type { FleetEntry, FleetOptions, FleetRecord, FleetResult } from "./fleet";
export { wavesOf } from "./waves";
export type { Stack } from "./stack";
export type { StackOptions } from "./stackOptions";
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
  checkOptions(options);
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
