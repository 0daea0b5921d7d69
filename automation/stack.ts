import type { Deployment, ImportOptions, ImportResult } from "./deployment";
import type { HistoryEntry, HistoryOptions } from "./history";
import type {
  DestroyOptions,
  DestroyResult,
  OperationOptions,
  OutputsOptions,
  PreviewResult,
  RecordedOptions,
  RefreshResult,
  RunningOperation,
  UpOptions,
  UpResult,
} from "./operations";
import type { ClusterOutputs } from "./outputs";

/**
 * A stack, as a program that uses one sees it. `openStack` gives it on Pulumi's engine; `openTestStack` of
 * `groundwork/automation/testing` gives it in memory, for tests. All fail with a `StackError` and nothing else.
 *
 * Operations may be started side by side; on the same stack, all but one are `locked`.
 */
export interface Stack {
  /** Name, with the organization where one was given. */
  readonly name: string;

  /** What `up` would do. Needs no host. A stack that does not exist yet is not made by this. */
  preview(options?: OperationOptions): RunningOperation<PreviewResult>;

  /** Makes the cluster what the settings say; makes the stack where there is none. */
  up(options?: UpOptions): RunningOperation<UpResult>;

  /** Records what is found to be otherwise than the state says. Changes nothing on hosts or in the cluster. */
  refresh(options?: RecordedOptions): RunningOperation<RefreshResult>;

  /** Takes k3s off every machine and all that was installed with it. Needs no settings. */
  destroy(options?: DestroyOptions): RunningOperation<DestroyResult>;

  /** What the last `up` gave; empty before the first. */
  outputs(options?: OutputsOptions): Promise<Partial<ClusterOutputs>>;

  /** What was done to the stack, the newest first. */
  history(options?: HistoryOptions): Promise<readonly HistoryEntry[]>;

  /** The stack's state, with its secrets encrypted, for `import` or for keeping. */
  export(): Promise<Deployment>;

  /** Takes over a state that was exported; makes the stack where there is none. */
  import(deployment: Deployment, options?: ImportOptions): Promise<ImportResult>;

  /**
   * Stops what this object runs, and waits for its end. When it runs nothing: asks the backend to stop whoever runs
   * something, or, where the backend is files (a directory, a bucket), takes away the lock. A lock is only to be taken
   * away when its holder is gone.
   */
  cancel(): Promise<void>;
}
