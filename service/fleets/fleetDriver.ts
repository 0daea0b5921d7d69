import { nextStep, type WaveState, type WaveStep } from "../../automation/waves";
import { GroundworkError } from "../../config/groundworkError";
import type { Supervisor } from "../runs/supervisor";
import type { ServiceSettings } from "../settings/serviceFile";
import { endOf, type FleetRun, type FleetRuns, type FleetStack } from "../store/fleetRuns";
import type { Operations } from "../store/operations";
import type { Store } from "../store/store";
import { Turns } from "../store/turns";
import { askGate } from "./gate";

export interface FleetDriverOptions {
  readonly store: Store;
  readonly fleetRuns: FleetRuns;
  readonly operations: Operations;
  readonly supervisor: Pick<Supervisor, "wake" | "cancel">;
  readonly settings: Pick<ServiceSettings, "fleets" | "stacks">;
  /** Told of each end, for the log. */
  readonly onEnd: (run: FleetRun) => void;
  /** Told of what should not happen. */
  readonly onError: (error: unknown) => void;
}

/** How often the record is looked at for what another service has done, and for what a full disk has refused. */
const LOOK_MS = 5000;

/**
 * Has changes of many stacks go on. All that it knows stands in the record: a step is what the record and the operations' ends say is to
 * be done next, made in one transaction, so that after a crash the next service makes the same step, or finds it made.
 */
export class FleetDriver {
  readonly #options: FleetDriverOptions;
  readonly #turns = new Turns();
  readonly #gates = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #isStopping = false;

  constructor(options: FleetDriverOptions) {
    this.#options = options;
  }

  /** Goes on where a service before this one was. */
  start(): void {
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
    this.wake();
  }

  /** Makes each step that can be made now. To be called when an operation has ended and when something was asked for. */
  wake(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    void this.#turns
      .take(async () => {
        this.#isDue = false;
        if (this.#isStopping) return;
        for (const { id } of await this.#options.fleetRuns.running()) await this.#advance(id);
      })
      .catch((error: unknown) => this.#options.onError(error));
  }

  /** Makes no further step. A gate that is asked is asked again by the next service. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#turns.take(() => undefined);
  }

  async #advance(id: string): Promise<void> {
    const { fleetRuns, store, supervisor, onEnd } = this.#options;
    const step = await store.transaction((within) => this.#step(id, within));
    if (step === undefined) return;
    if ("outcome" in step) {
      onEnd(await fleetRuns.get(id));
      return;
    }
    if (step.begin.length > 0) supervisor.wake();
    const run = await fleetRuns.get(id);
    for (const stack of await fleetRuns.stacks(id)) {
      if (stack.state === "checking") this.#ask(run, stack);
      if (stack.state !== "running" || !run.isCancelRequested || stack.isCancelRequested) continue;
      if (stack.operation !== undefined) await supervisor.cancel(stack.operation);
    }
  }

  /** Notes which operations have ended, decides what is next, and begins it. */
  async #step(id: string, within: Store): Promise<WaveStep | undefined> {
    const fleetRuns = this.#options.fleetRuns.within(within);
    const run = await fleetRuns.take(id);
    if (run === undefined) return undefined;
    const states = new Map<string, FleetStack>();
    for (const stack of await fleetRuns.stacks(id)) states.set(stack.stack, await this.#noted(run, stack, within));
    const waves = namesOf(wavesOfStacks([...states.values()]));
    const limits = { atOnce: run.atOnce, mayFail: run.mayFail, isStopping: run.isCancelRequested };
    for (;;) {
      const step = nextStep(waves, (name) => waveState(states.get(name)), limits);
      if ("outcome" in step) {
        await fleetRuns.end(id, step.outcome === "done" ? "succeeded" : step.outcome);
        return step;
      }
      const refused: FleetStack[] = [];
      for (const name of step.begin) {
        const stack = states.get(name);
        if (stack !== undefined && !(await this.#begun(run, stack, within))) refused.push(stack);
      }
      if (refused.length === 0) return step;
      // They have failed by this: decided again, with those that were begun.
      for (const stack of await fleetRuns.stacks(id)) states.set(stack.stack, stack);
    }
  }

  /** What the end of a stack's operation means for it. */
  async #noted(run: FleetRun, stack: FleetStack, within: Store): Promise<FleetStack> {
    const { operation, operationState } = stack;
    if (stack.state !== "running" || operationState === "queued" || operationState === "running") return stack;
    const ended = operation === undefined ? undefined : await this.#options.operations.within(within).find(operation);
    const end = endOf(ended?.outcome);
    const hasGate = run.kind === "up" && this.#options.settings.fleets.get(run.fleet)?.gate !== undefined;
    const noted = end.state === "done" && hasGate ? { ...end, state: "checking" as const } : end;
    await this.#options.fleetRuns.within(within).set(run.id, stack, noted);
    return { ...stack, ...noted };
  }

  /** Adds a stack's operation; false where its queue takes no more. */
  async #begun(run: FleetRun, stack: FleetStack, within: Store): Promise<boolean> {
    const { fleet, kind, requestedBy, message = `fleet ${fleet}` } = run;
    const fleetRuns = this.#options.fleetRuns.within(within);
    try {
      const wanted = { stack: stack.stack, kind, requestedBy, message };
      const { id: operation } = await this.#options.operations.within(within).add(wanted);
      await fleetRuns.set(run.id, stack, { state: "running", operation });
      return true;
    } catch (error) {
      // Anything else is the record's trouble, not the stack's.
      if (!GroundworkError.isInstance(error) || error.code !== "queue-full") throw error;
      await fleetRuns.set(run.id, stack, { state: "failed", code: error.code, problem: error.message });
      return false;
    }
  }

  #ask(run: FleetRun, stack: FleetStack): void {
    const key = `${run.id}/${stack.place}`;
    if (this.#gates.has(key)) return;
    const asked = this.#checked(run, stack)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#gates.delete(key);
        this.wake();
      });
    this.#gates.set(key, asked);
  }

  async #checked(run: FleetRun, stack: FleetStack): Promise<void> {
    const { fleetRuns, settings } = this.#options;
    const gate = settings.fleets.get(run.fleet)?.gate;
    const served = settings.stacks.get(stack.stack);
    const gone = "the service's file has the fleet, its gate or the stack no more";
    const problem = gate === undefined || served === undefined ? gone : await askGate(gate, served);
    if (this.#isStopping) return;
    await fleetRuns.set(
      run.id,
      stack,
      problem === undefined ? { state: "done" } : { state: "failed", code: "gate", problem },
    );
  }
}

/** The waves of a run, in their order. */
export function wavesOfStacks(stacks: readonly FleetStack[]): FleetStack[][] {
  const waves = new Map<number, FleetStack[]>();
  for (const stack of stacks) {
    const wave = waves.get(stack.wave) ?? [];
    waves.set(stack.wave, wave);
    wave.push(stack);
  }
  return [...waves.values()];
}

/** The names of the stacks of each wave. */
export function namesOf(waves: readonly (readonly FleetStack[])[]): string[][] {
  return waves.map((wave) => wave.map(({ stack }) => stack));
}

/** Whose gate is asked is under way still. */
export function waveState(stack: FleetStack | undefined): WaveState {
  const state = stack?.state ?? "waiting";
  return state === "checking" ? "running" : state;
}
