import type { ChangeCounts } from "./events";

/** An operation that stands in a stack's history. Nothing of the settings is in it. */
export interface HistoryEntry {
  /** Counts up from 1, in the order of the operations. */
  readonly version: number;
  readonly operation: "up" | "refresh" | "destroy" | "import" | "rename" | "preview";
  readonly result: "succeeded" | "failed" | "in-progress" | "not-started";
  readonly start: Date;
  /** Undefined while it runs. */
  readonly end: Date | undefined;
  /** How many resources each operation was done to; empty where nothing was recorded. */
  readonly changes: ChangeCounts;
  /** The note that was given; empty where none was. */
  readonly message: string;
}

export interface HistoryOptions {
  /**
   * How many entries, the newest first.
   *
   * @default All.
   */
  readonly limit?: number;
}
