import type { ResourceFailure } from "../errors";
import type { Operation } from "../events";
import type { ResourceName } from "../resourceName";
import type { Running } from "../running";
import type { TestState } from "./backend";
import type { Step } from "./steps";

/** How steps are taken. */
export interface Walk extends Running {
  /** What is changed by the steps; left out in a preview. */
  readonly state?: TestState;
  /** The line of each resource that fails, by its name or URN. */
  readonly failures: Readonly<Record<string, string>>;
  readonly beforeStep: (step: { readonly operation: Operation; readonly resource: ResourceName }) => unknown;
}

/** A step that failed. */
export class FailedStep extends Error {
  readonly failure: ResourceFailure;

  constructor(failure: ResourceFailure) {
    super(failure.lines.join("\n"));
    this.failure = failure;
  }
}

/**
 * Takes the steps one after another, until one fails, as the engine stops at a failure.
 *
 * @throws FailedStep
 */
export async function walk(steps: readonly Step[], how: Walk): Promise<void> {
  const { tell, signal, state } = how;
  const kept = steps.find(({ operation, target }) => operation === "delete" && target.protect);
  if (kept !== undefined) {
    throw new Error(`error: resource ${kept.target.urn} cannot be deleted because it is protected`);
  }
  for (const step of steps) {
    const { operation, resource, target } = step;
    signal.throwIfAborted();
    await orAborted(signal, Promise.resolve(how.beforeStep({ operation, resource })));
    signal.throwIfAborted();
    if (state === undefined) {
      tell({ kind: "step", phase: "planned", operation, resource });
      continue;
    }
    tell({ kind: "step", phase: "started", operation, resource });
    const failure = target.custom ? (how.failures[resource.name] ?? how.failures[resource.urn]) : undefined;
    if (failure !== undefined) {
      const lines = failure.split("\n");
      tell({ kind: "problem", severity: "error", resource, text: failure });
      tell({ kind: "step", phase: "failed", operation, resource });
      throw new FailedStep({ resource, lines });
    }
    take(step, state);
    tell({ kind: "step", phase: "done", operation, resource });
  }
}

function take({ operation, target }: Step, state: TestState): void {
  const others = state.resources.filter(({ urn }) => urn !== target.urn);
  state.resources = operation === "delete" ? others : [...others, target];
}

/** Waits, but no longer than until the operation is cancelled. */
async function orAborted(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
