import type { ResourceChange } from "./changes";
import type { ChangeCounts, StackEvent } from "./events";
import type { ClusterOutputs } from "./outputs";
import type { StackPlan } from "./plan";

/** What every operation takes. */
export interface OperationOptions {
  /**
   * Called with each event, in order. One that throws is not called again, and its error is thrown when the operation has
   * ended: the operation itself goes on.
   */
  readonly onEvent?: (event: StackEvent) => void;
  /** Stops the operation in good order: what is under way is ended or interrupted, and what was done is kept. */
  readonly signal?: AbortSignal;
}

/** What operations take that stand in the stack's history. */
export interface RecordedOptions extends OperationOptions {
  /** A note for the stack's history. */
  readonly message?: string;
}

export interface UpOptions extends RecordedOptions {
  /**
   * The plan of a preview: exactly that is done, or the operation fails with `plan-differs`. It is of this stack and of
   * these settings; with others nothing is started.
   */
  readonly plan?: StackPlan;
}

export interface DestroyOptions extends RecordedOptions {
  /**
   * Whether the stack itself, with its history, is removed from the backend too.
   *
   * @default false
   */
  readonly remove?: boolean;
}

export interface OutputsOptions {
  /**
   * Whether the secrets among the outputs can be revealed; it needs the passphrase.
   *
   * @default false
   */
  readonly showSecrets?: boolean;
}

/**
 * An operation that has begun. It is a promise of its result, so `await stack.up()` is all that is needed; and while it
 * runs it tells its events, and can be cancelled alone.
 *
 * @example
 * ```ts
 * const run = stack.up();
 * for await (const event of run.events) console.log(event);
 * const { outputs } = await run;
 * ```
 */
export interface RunningOperation<Result> extends Promise<Result> {
  /**
   * Its events from the first one on, in order, for one reader. The loop ends with the operation; when that fails, the loop
   * throws its `StackError`, so that a loop without an `await` after it misses no failure. A slow reader loses nothing:
   * events that wait beyond a thousand wait in a file. Who leaves the loop only stops to read; the operation goes on.
   */
  readonly events: AsyncIterable<StackEvent>;
  /** Stops this operation in good order, and waits for its end, however that is. Nothing happens when it has ended. */
  cancel(): Promise<void>;
}

export interface PreviewResult {
  readonly changes: readonly ResourceChange[];
  readonly counts: ChangeCounts;
  /** What `up` does exactly when it is given this. */
  readonly plan: StackPlan;
}

/** How an operation ended that changed something. */
export interface OperationResult {
  readonly counts: ChangeCounts;
  readonly seconds: number;
}

export interface UpResult extends OperationResult {
  readonly outputs: ClusterOutputs;
}

/** `counts` tells how many resources were found to be otherwise than recorded (`update`), or to be gone (`delete`). */
export type RefreshResult = OperationResult;
export type DestroyResult = OperationResult;
