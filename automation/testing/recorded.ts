import { StackError, stackErrorOf } from "../errors";
import type { ChangeCounts } from "../events";
import type { HistoryEntry } from "../history";
import type { TestState } from "./backend";

/** Has the stack for oneself, as long as the work lasts. */
export async function locked<Result>(
  state: TestState,
  what: { readonly stack: string; readonly operation: string },
  work: () => Promise<Result>,
): Promise<Result> {
  if (state.lockedBy !== undefined) {
    const said = `the stack is currently locked by 1 lock(s)\n  memory: created by ${state.lockedBy}`;
    throw stackErrorOf({ ...what, error: said, cancelled: false, failures: [], errorLines: [], mask: (text) => text });
  }
  const holder = `${what.operation} of this process (pid ${process.pid})`;
  state.lockedBy = holder;
  try {
    return await work();
  } finally {
    // Somebody may have taken it away, and somebody else may have it now.
    if (state.lockedBy === holder) state.lockedBy = undefined;
  }
}

/** Has the stack for oneself, and writes down in its history how it ended. */
export async function recorded<Result extends { readonly counts: ChangeCounts }>(
  state: TestState,
  what: {
    readonly stack: string;
    readonly operation: HistoryEntry["operation"];
    readonly message: string | undefined;
    readonly now: () => Date;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  return locked(state, what, async () => {
    const start = what.now();
    const record = (result: HistoryEntry["result"], changes: ChangeCounts): void => {
      const { operation, message = "" } = what;
      const version = state.history.length + 1;
      state.history.push({ version, operation, result, start, end: what.now(), changes, message });
    };
    try {
      const result = await work();
      record("succeeded", result.counts);
      return result;
    } catch (error) {
      // A plan that does not fit is seen before anything begins.
      if (!(error instanceof StackError && error.code === "plan-differs")) record("failed", {});
      throw error;
    }
  });
}
