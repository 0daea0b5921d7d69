import type { Stack } from "../stack";
import type { SettingsObject } from "../settingsObject";

/** A stack for tests: what it is, and what goes wrong with it. */
export interface TestStackOptions {
  readonly name: string;
  /** As for `openStack`: they are checked, and the whole program runs with them. */
  readonly settings?: SettingsObject;
  /**
   * Where the state is. Stacks of one backend and one name are one stack, also one after another.
   *
   * @default A new one.
   */
  readonly backend?: TestBackend;
  /**
   * Resources that fail when something is done to them, by name or by `name@node`, with the line that their host prints.
   *
   * @example
   * { "birch-ready": "error: birch: etcd has no quorum" }
   */
  readonly failures?: Readonly<Record<string, string>>;
  /**
   * Awaited before each step of an operation: a test holds a run here, or gives it the speed that it wants.
   *
   * @default Nothing is waited for.
   */
  readonly beforeStep?: (step: { readonly operation: string; readonly resource: string }) => void | Promise<void>;
}

/** What holds the states and histories of test stacks. */
export interface TestBackend {
  /** Names of the stacks that are there. */
  readonly stacks: readonly string[];
}

export type OpenTestStack = (options: TestStackOptions) => Stack;
