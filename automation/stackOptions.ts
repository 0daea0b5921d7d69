import type { Problem } from "../config/problem";
import { Secret } from "../config/secret";
import type { Environment } from "../process/run";
import { invalidOptions } from "./errors";
import type { SettingsObject } from "./settingsObject";

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

/** @throws StackError `invalid-settings` with all that is wrong with the options. */
export function checkOptions(options: StackOptions): void {
  const problems = optionProblems(options);
  if (problems.length === 0) return;
  throw invalidOptions("The stack cannot be opened:", problems);
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
