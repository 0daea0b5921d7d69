import type { Problem } from "../config/problem";
import { invalidOptions, StackError, type StackErrorCode } from "./errors";
import type { Stack } from "./stack";
import { FLEET_AT_ONCE, nextStep, type WaveState } from "./waves";

/** What became of one stack of a fleet. */
export interface FleetEntry {
  /** `running` after a restart: nobody knows how far it came, and it is begun again. */
  readonly state: "running" | "done" | "failed";
  /** For `failed`: the code of its `StackError`, or `gate` where the change was done and the gate found something. */
  readonly code?: StackErrorCode | "gate";
  /** For `failed`: what was wrong. No secret is in it, unless the caller's own gate says one. */
  readonly problem?: string;
}

/** What was done so far: a plain object, to be kept as JSON and handed back after a restart. */
export interface FleetRecord {
  readonly format: 1;
  /** By the stack's name; a stack that was not begun is not in it. */
  readonly stacks: Readonly<Record<string, FleetEntry>>;
}

export interface FleetOptions {
  /** Names of stacks. A wave begins when the one before is through; the stacks of a wave are in no order. */
  readonly waves: readonly (readonly string[])[];
  /** Opens a stack; called when it is its turn, so that ten thousand need not be in memory. */
  readonly open: (name: string) => Stack;
  /**
   * What is done to each. The signal is aborted where the whole is to stop.
   *
   * @default `up`
   * @example (stack, signal) => stack.up({ plan: plans.get(stack.name), signal })
   */
  readonly change?: (stack: Stack, signal: AbortSignal) => PromiseLike<unknown>;
  /**
   * Asked of each stack after its change: what is wrong with it, in a line; undefined when it is well. What it throws is what is wrong.
   *
   * @default Nothing is asked.
   */
  readonly gate?: (stack: Stack, signal: AbortSignal) => PromiseLike<string | undefined>;
  /** How many stacks are worked on at once. @default 4 */
  readonly atOnce?: number;
  /** How many stacks of a wave may fail before no further one is begun. @default 0 */
  readonly mayFail?: number;
  /** What an earlier call kept: what is done in it is not done again, and what failed is tried again. */
  readonly record?: FleetRecord;
  /**
   * Called after each change of the record, one call at a time, and waited for. Keep the whole record, or append what changed. When it
   * fails, no further stack is begun, and the error is thrown when those that run have ended.
   */
  readonly keep?: (record: FleetRecord, changed: string) => PromiseLike<void> | void;
  /** Begins no further stack, and stops those that run in good order. */
  readonly signal?: AbortSignal;
}

export interface FleetResult {
  /** `stopped`: more stacks of a wave failed than may. `cancelled`: the caller's signal. */
  readonly outcome: "done" | "stopped" | "cancelled";
  /** The wave that it came to an end in, counted from 1. */
  readonly wave: number;
  /** Names of the stacks that failed, in the order of the waves. */
  readonly failed: readonly string[];
  readonly record: FleetRecord;
}

/**
 * Makes one change on many stacks, wave after wave: the next begins when the one before was changed and its gate found nothing, and the
 * first bad wave is the last. Called again with the record, it goes on.
 *
 * @throws StackError `invalid-settings` when an option is wrong; whatever `keep` throws.
 *
 * @example
 * ```ts
 * const result = await changeFleet({
 *   waves: wavesOf(names, [1, "10%", "50%"]), // one, then a tenth of all, then half of all, then the others
 *   open: (name) => openStack({ name, settings: settingsOf(name), backendUrl, passphrase }),
 *   gate: async (stack) => ((await isWell(stack)) ? undefined : "its canary does not answer"),
 *   record: await readRecord(),
 *   keep: writeRecord,
 * });
 * ```
 */
export async function changeFleet(options: FleetOptions): Promise<FleetResult> {
  checkFleet(options);
  return new FleetRun(options).run();
}

function checkFleet({ waves, atOnce = FLEET_AT_ONCE, mayFail = 0, record }: FleetOptions): void {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [wave, names] of waves.entries()) {
    for (const [place, name] of names.entries()) {
      if (seen.has(name)) {
        problems.push({
          path: `waves[${wave}][${place}]`,
          problem: `'${name}' is there already`,
          remedy: "write each stack once",
        });
      }
      seen.add(name);
    }
  }
  if (!Number.isInteger(atOnce) || atOnce < 1) {
    problems.push({ path: "atOnce", problem: `${atOnce} is no number of stacks`, remedy: "write 1 or more" });
  }
  if (!Number.isInteger(mayFail) || mayFail < 0) {
    problems.push({ path: "mayFail", problem: `${mayFail} is no number of stacks`, remedy: "write 0 or more" });
  }
  if (record !== undefined && (record.format as number) !== 1) {
    problems.push({ path: "record", problem: "is of another release", remedy: "begin without it" });
  }
  if (problems.length > 0) throw invalidOptions("The fleet cannot be changed:", problems);
}

class FleetRun {
  readonly #options: FleetOptions;
  readonly #stacks: Map<string, FleetEntry>;
  /** Those that this call has begun. */
  readonly #begun = new Set<string>();
  readonly #stop = new AbortController();
  #keeping: Promise<void> = Promise.resolve();
  #keepFailed: { readonly error: unknown } | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#stacks = new Map(Object.entries(options.record?.stacks ?? {}));
    const { signal } = options;
    if (signal?.aborted === true) this.#stop.abort();
    signal?.addEventListener("abort", () => this.#stop.abort(), { once: true, signal: this.#stop.signal });
  }

  async run(): Promise<FleetResult> {
    const { waves, atOnce = FLEET_AT_ONCE, mayFail = 0 } = this.#options;
    const running = new Map<string, Promise<void>>();
    for (;;) {
      const limits = { atOnce, mayFail, isStopping: this.#stop.signal.aborted };
      const step = nextStep(waves, (name) => (running.has(name) ? "running" : this.#stateOf(name)), limits);
      if ("outcome" in step) {
        if (this.#keepFailed !== undefined) throw this.#keepFailed.error;
        return this.#result(step.outcome, step.wave);
      }
      for (const name of step.begin) {
        running.set(
          name,
          this.#begin(name).finally(() => running.delete(name)),
        );
      }
      await Promise.race(running.values());
    }
  }

  /** What failed or was under way in an earlier call waits in this one. */
  #stateOf(name: string): WaveState {
    const state = this.#stacks.get(name)?.state;
    if (state === "done") return "done";
    return state === "failed" && this.#begun.has(name) ? "failed" : "waiting";
  }

  async #begin(name: string): Promise<void> {
    await this.#set(name, { state: "running" });
    // What could not be kept is not begun.
    if (this.#stop.signal.aborted) return;
    this.#begun.add(name);
    await this.#set(name, await this.#changed(name));
  }

  #result(outcome: FleetResult["outcome"], wave: number): FleetResult {
    const names = this.#options.waves.flat();
    const failed = names.filter((name) => this.#stacks.get(name)?.state === "failed");
    return { outcome, wave, failed, record: this.#record() };
  }

  async #changed(name: string): Promise<FleetEntry> {
    const { open, gate, change = bringUp } = this.#options;
    try {
      const stack = open(name);
      await change(stack, this.#stop.signal);
      const problem = await gated(gate?.(stack, this.#stop.signal));
      return problem === undefined ? { state: "done" } : { state: "failed", code: "gate", problem };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { state: "failed", code: error instanceof StackError ? error.code : "failed", problem };
    }
  }

  /** One call of `keep` after the other, each with all that was known when it began. */
  async #set(name: string, entry: FleetEntry): Promise<void> {
    this.#stacks.set(name, entry);
    const { keep } = this.#options;
    if (keep === undefined) return;
    this.#keeping = this.#keeping.then(async () => {
      if (this.#keepFailed !== undefined) return;
      try {
        await keep(this.#record(), name);
      } catch (error) {
        this.#keepFailed = { error };
        this.#stop.abort();
      }
    });
    await this.#keeping;
  }

  #record(): FleetRecord {
    return { format: 1, stacks: Object.fromEntries(this.#stacks) };
  }
}

async function bringUp(stack: Stack, signal: AbortSignal): Promise<void> {
  await stack.up({ signal });
}

async function gated(asked: PromiseLike<string | undefined> | undefined): Promise<string | undefined> {
  try {
    return await asked;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
