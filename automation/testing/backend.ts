import type { PlanValue } from "../../plan/values";
import type { HistoryEntry } from "../history";
import { resourceName } from "../resourceName";
import { shortName } from "../workspace";
import type { TestResource } from "./evaluation";

/** What is known of a stack of a test. */
export interface TestState {
  resources: readonly TestResource[];
  outputs: Readonly<Record<string, PlanValue>>;
  /** The oldest first. */
  readonly history: HistoryEntry[];
  /** Who has it; undefined when it is free. */
  lockedBy: string | undefined;
  /** What `refresh` will find, by URN; a resource that is gone is `undefined` there. */
  readonly drift: Map<string, Readonly<Record<string, PlanValue>> | undefined>;
}

/**
 * Keeps the states and histories of test stacks, in memory. Stacks of one name in one backend are one stack.
 *
 * @example
 * ```ts
 * const backend = new TestBackend();
 * await openTestStack({ name: "office", settings, backend }).up();
 * backend.drift("office", "longhorn", { version: "1.0.0" });
 * ```
 */
export class TestBackend {
  /** The clock of the histories. */
  readonly now: () => Date;
  readonly #states = new Map<string, TestState>();

  constructor({ now = () => new Date() }: { readonly now?: () => Date } = {}) {
    this.now = now;
  }

  /** Names of the stacks that are there. */
  get stacks(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** Leaves the lock of an operation that was killed; `cancel()` takes it away. */
  lock(stack: string, holder = "somebody@elsewhere (pid 1)"): void {
    this.#existing(stack).lockedBy = holder;
  }

  /**
   * Lets a resource be otherwise than the state says: `refresh` finds it, and the next preview mends it.
   *
   * @param inputs What is otherwise, by the names of inputs; left out: the resource is gone.
   */
  drift(stack: string, resource: string, inputs?: Readonly<Record<string, PlanValue>>): void {
    const state = this.#existing(stack);
    const found = state.resources.filter(({ urn, custom }) => custom && resourceName(urn).name === resource);
    if (found.length === 0) throw new Error(`stack '${stack}' has no resource '${resource}'`);
    for (const { urn } of found) state.drift.set(urn, inputs);
  }

  /** @internal */
  stateOf(stack: string): TestState | undefined {
    return this.#states.get(shortName(stack));
  }

  /** @internal */
  create(stack: string): TestState {
    const state: TestState = { resources: [], outputs: {}, history: [], lockedBy: undefined, drift: new Map() };
    this.#states.set(shortName(stack), state);
    return state;
  }

  /** @internal */
  remove(stack: string): void {
    this.#states.delete(shortName(stack));
  }

  #existing(stack: string): TestState {
    const state = this.stateOf(stack);
    if (state === undefined) throw new Error(`there is no stack '${stack}' in this backend`);
    return state;
  }
}
