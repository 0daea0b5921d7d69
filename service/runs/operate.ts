import { StackError } from "../../automation/errors";
import type { StackEvent } from "../../automation/events";
import type { StackPlan } from "../../automation/plan";
import { GroundworkError } from "../../config/groundworkError";
import type { OperationKind, Outcome, OutcomeError } from "../store/operations";
import type { UsedStack } from "./engine";
import { isStale, lockHolders, type Interruption } from "./staleLock";

/** What is to be done with a stack. */
export interface Task {
  readonly kind: OperationKind;
  readonly message: string | undefined;
  readonly plan: StackPlan | undefined;
  readonly interruptions: readonly Interruption[];
}

/** What goes on while it is done. */
export interface Hooks {
  readonly onEvent: (event: StackEvent) => void;
  readonly onPlan: (plan: StackPlan) => void;
  readonly signal: AbortSignal;
}

/** Does it, and gives how it ended; nothing is thrown. */
export async function operate(open: () => Promise<UsedStack>, task: Task, hooks: Hooks): Promise<Outcome> {
  try {
    const stack = await open();
    return { state: "succeeded", result: await withoutStaleLock(stack, task, hooks) };
  } catch (error) {
    const isCancelled = hooks.signal.aborted || (error instanceof StackError && error.code === "cancelled");
    return { state: isCancelled ? "cancelled" : "failed", error: outcomeError(error) };
  }
}

type Result = Readonly<Record<string, unknown>>;

/** A run that was locked out has done nothing, so that it is not done twice when it is tried again. */
async function withoutStaleLock(stack: UsedStack, task: Task, hooks: Hooks): Promise<Result> {
  try {
    return await perform(stack, task, hooks);
  } catch (error) {
    const isOurs =
      error instanceof StackError && error.code === "locked" && isStale(lockHolders(error.message), task.interruptions);
    if (!isOurs) throw error;
    const text = "the lock of a run that was killed is taken away: its process is dead";
    hooks.onEvent({ kind: "problem", severity: "warning", resource: undefined, text });
    await stack.cancel();
    return perform(stack, task, hooks);
  }
}

async function perform(stack: UsedStack, { kind, message, plan }: Task, hooks: Hooks): Promise<Result> {
  const { onEvent, signal } = hooks;
  switch (kind) {
    case "preview": {
      const preview = await stack.preview({ onEvent, signal });
      hooks.onPlan(preview.plan);
      return { counts: preview.counts, changes: preview.changes };
    }
    case "up": {
      const { counts, seconds } = await stack.up({ onEvent, signal, message, plan });
      return { counts, seconds };
    }
    case "refresh": {
      const { counts, seconds } = await stack.refresh({ onEvent, signal, message });
      return { counts, seconds };
    }
    case "destroy": {
      const { counts, seconds } = await stack.destroy({ onEvent, signal, message });
      return { counts, seconds };
    }
  }
}

/** An error as it stands in the record. */
export function outcomeError(error: unknown): OutcomeError {
  if (!GroundworkError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: "unexpected", message, remedy: "this is a defect; what was done is kept" };
  }
  const { code, message, remedy, problems } = error;
  const failures = error instanceof StackError ? error.failures : [];
  return {
    code,
    message,
    remedy,
    ...(problems.length === 0 ? {} : { problems }),
    ...(failures.length === 0 ? {} : { failures }),
  };
}
