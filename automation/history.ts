import { z } from "zod";
import { StackError } from "./errors";
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

/** @throws StackError `invalid-settings` when it is no count. */
export function checkedLimit({ limit }: HistoryOptions): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit > 0)) return limit;
  const problem = { path: "limit", problem: "is not a count", remedy: "give a whole number from 1, or leave it out" };
  throw new StackError("invalid-settings", `limit: ${problem.problem}; ${problem.remedy}`, {
    remedy: problem.remedy,
    problems: [problem],
  });
}

const OPERATIONS = {
  update: "up",
  refresh: "refresh",
  destroy: "destroy",
  import: "import",
  "resource-import": "import",
  rename: "rename",
  preview: "preview",
} as const;

// What Pulumi tells besides, the configuration's values and the environment of who did it, is left out on purpose.
const printedSchema = z.array(
  z.object({
    version: z.number(),
    kind: z.enum(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]),
    result: z.enum(["succeeded", "failed", "in-progress", "not-started"]),
    startTime: z.coerce.date(),
    endTime: z.coerce.date().optional(),
    message: z.string().default(""),
    resourceChanges: z.record(z.string(), z.number()).optional(),
  }),
);

/** What `pulumi stack history --json` printed; the newest first. Pure. */
export function readHistory(printed: string, mask: (text: string) => string): HistoryEntry[] {
  return printedSchema.parse(JSON.parse(printed)).map((entry) => ({
    version: entry.version,
    operation: OPERATIONS[entry.kind],
    result: entry.result,
    start: entry.startTime,
    end: entry.result === "in-progress" ? undefined : entry.endTime,
    changes: entry.resourceChanges ?? {},
    message: mask(entry.message),
  }));
}

/** Backends of files do not count: all their entries have version 0. Needs the whole history. */
export function numbered(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.map((entry, index) => ({ ...entry, version: entries.length - index }));
}
