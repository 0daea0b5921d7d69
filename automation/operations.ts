import type { ResourceChange } from "./changes";
import type { ChangeCounts, StackEvent } from "./events";
import type { ClusterOutputs } from "./outputs";

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

export interface UpOptions extends OperationOptions {
  /** A note for the stack's history. */
  readonly message?: string;
}

export interface PreviewResult {
  readonly changes: readonly ResourceChange[];
  readonly counts: ChangeCounts;
}

export interface UpResult {
  readonly outputs: ClusterOutputs;
  readonly counts: ChangeCounts;
  readonly seconds: number;
}

export interface DestroyResult {
  readonly counts: ChangeCounts;
  readonly seconds: number;
}
