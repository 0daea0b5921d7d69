import {
  checkDeployment,
  countResources,
  refuseToReplace,
  type Deployment,
  type ImportOptions,
  type ImportResult,
} from "../deployment";
import { planDiffers, stackErrorOf } from "../errors";
import type { Operation } from "../events";
import { checkedLimit, type HistoryEntry, type HistoryOptions } from "../history";
import { maskOf } from "../mask";
import type * as operations from "../operations";
import type { ClusterOutputs } from "../outputs";
import { contentOfPlan, stackPlan, type Planned } from "../plan";
import { differencesFrom, plannedSteps } from "../plannedSteps";
import { checkSettings, type Given } from "../program";
import type { ResourceName } from "../resourceName";
import { start, type Running } from "../running";
import { ownCopy, secretTexts, type SettingsObject } from "../settingsObject";
import type { Stack } from "../stack";
import { checkOptions } from "../stackOptions";
import { PROJECT, shortName } from "../workspace";
import { TestBackend, type TestState } from "./backend";
import { foundBy, resourcesOf } from "./changedState";
import { evaluateProgram, type Evaluation } from "./evaluation";
import { outputsOf } from "./outputs";
import { locked, recorded } from "./recorded";
import { plannedStep, stepsBetween, summary, type Step } from "./steps";
import { FailedStep, walk } from "./walk";

export { TestBackend } from "./backend";

/** A stack for tests: what it is, and what goes wrong with it. */
export interface TestStackOptions {
  /** As for `openStack`. */
  readonly name: string;
  /** As for `openStack`: they are checked, and the whole program runs with them. */
  readonly settings?: SettingsObject;
  /**
   * Where the state is.
   *
   * @default A new one.
   */
  readonly backend?: TestBackend;
  /**
   * Resources that fail when something is done to them, by name or URN, with the lines that their host prints.
   *
   * @example
   * { "birch-ready": "error: birch: etcd has no quorum" }
   */
  readonly failures?: Readonly<Record<string, string>>;
  /**
   * Awaited before each step of an operation: a test holds a run here, gives it the speed that it wants, or fails it as a
   * whole by throwing a `StackError`.
   *
   * @default Nothing is waited for.
   */
  readonly beforeStep?: (step: {
    readonly operation: Operation;
    readonly resource: ResourceName;
  }) => void | Promise<void>;
}

/**
 * Opens a stack that needs no Pulumi, no host and no network, to test what uses a {@link Stack}. The settings are checked
 * and the whole program runs, so that previews show what would really be created and changed; what `up` does is written
 * down in memory and done nowhere. A change is always an update here: that a provider would replace a resource is its own
 * knowledge. Secrets are not compared: the program shows none.
 *
 * @throws StackError `invalid-settings` when an option is wrong.
 *
 * @example
 * ```ts
 * const stack = openTestStack({ name: "office", settings, failures: { "atlas-ready": "error: atlas: no quorum" } });
 * await assert.rejects(deploy(stack), { code: "failed" });
 * ```
 */
export function openTestStack(options: TestStackOptions): Stack {
  return new TestStack(options);
}

class TestStack implements Stack {
  readonly name: string;
  readonly #options: TestStackOptions;
  readonly #backend: TestBackend;
  readonly #given: Given;
  readonly #running = new Set<operations.RunningOperation<unknown>>();
  #evaluation: Promise<Evaluation> | undefined;

  constructor(options: TestStackOptions) {
    checkOptions({ name: options.name });
    this.name = options.name;
    this.#options = options;
    this.#backend = options.backend ?? new TestBackend();
    const settings = options.settings === undefined ? undefined : ownCopy(options.settings);
    this.#given = { settings, stack: shortName(options.name), mask: maskOf(secretTexts(settings ?? {})) };
  }

  preview(options: operations.OperationOptions = {}): operations.RunningOperation<operations.PreviewResult> {
    return this.#start("preview", options, async (running) => {
      const { resources } = await this.#evaluate(running);
      const steps = stepsBetween(this.#backend.stateOf(this.name)?.resources ?? [], resources);
      await this.#walk(steps, running);
      const changes = steps.map(({ resource, operation, properties }) => ({ resource, operation, properties }));
      return {
        changes,
        plan: stackPlan(this.#planned, plannedSteps(steps.map(plannedStep))),
        ...summary(running, steps, resources),
      };
    });
  }

  up({ plan, ...options }: operations.UpOptions = {}): operations.RunningOperation<operations.UpResult> {
    return this.#start("up", options, async (running) => {
      const planned = plan === undefined ? undefined : contentOfPlan(plan, this.#planned);
      const { resources, outputs } = await this.#evaluate(running);
      const state = this.#backend.stateOf(this.name) ?? this.#backend.create(this.name);
      return recorded(state, this.#entry("up", options), async () => {
        const steps = stepsBetween(state.resources, resources);
        const differences = planned === undefined ? [] : differencesFrom(planned, steps.map(plannedStep));
        if (differences.length > 0) throw planDiffers(this.name, differences);
        await this.#walk(steps, running, state);
        Object.assign(state, { resources, outputs });
        return { ...summary(running, steps, resources), outputs: outputsOf(outputs, true) as ClusterOutputs };
      });
    });
  }

  refresh(options: operations.RecordedOptions = {}): operations.RunningOperation<operations.RefreshResult> {
    return this.#start("refresh", options, async (running) => {
      const state = this.#existing();
      return recorded(state, this.#entry("refresh", options), async () => {
        const found = foundBy(state);
        const steps = stepsBetween(state.resources, found);
        await this.#walk(steps, running, state);
        state.drift.clear();
        return summary(running, steps, found);
      });
    });
  }

  destroy(options: operations.DestroyOptions = {}): operations.RunningOperation<operations.DestroyResult> {
    return this.#start("destroy", options, async (running) => {
      const state = this.#existing();
      return recorded(state, this.#entry("destroy", options), async () => {
        const steps = stepsBetween(state.resources, []);
        await this.#walk(steps, running, state);
        state.outputs = {};
        if (options.remove === true) this.#backend.remove(this.name);
        return summary(running, steps, []);
      });
    });
  }

  async outputs({ showSecrets = false }: operations.OutputsOptions = {}): Promise<Partial<ClusterOutputs>> {
    return this.#start("outputs", {}, async () => Promise.resolve(outputsOf(this.#existing().outputs, showSecrets)));
  }

  async history(options: HistoryOptions = {}): Promise<readonly HistoryEntry[]> {
    return this.#start("history", {}, async () => {
      const limit = checkedLimit(options);
      return Promise.resolve([...this.#existing().history].reverse().slice(0, limit));
    });
  }

  async export(): Promise<Deployment> {
    return this.#start("export", {}, async () => {
      const { resources } = this.#existing();
      return Promise.resolve(structuredClone({ version: 3, deployment: { resources } }));
    });
  }

  async import(deployment: Deployment, options: ImportOptions = {}): Promise<ImportResult> {
    return this.#start("import", {}, async () => {
      checkDeployment(deployment, { stack: this.#given.stack, project: PROJECT });
      const state = this.#backend.stateOf(this.name) ?? this.#backend.create(this.name);
      return locked(state, { stack: this.name, operation: "import" }, async () => {
        refuseToReplace(this.name, countResources({ version: 3, deployment: state }), options);
        state.resources = resourcesOf(deployment);
        return Promise.resolve({ resources: countResources(deployment) });
      });
    });
  }

  async cancel(): Promise<void> {
    if (this.#running.size > 0) {
      await Promise.all([...this.#running].map(async (operation) => operation.cancel()));
      return;
    }
    await this.#start("cancel", {}, async () => {
      this.#existing().lockedBy = undefined;
      return Promise.resolve();
    });
  }

  get #planned(): Planned {
    return { stack: this.name, settings: this.#given.settings ?? {} };
  }

  #entry(
    operation: HistoryEntry["operation"],
    { message }: operations.RecordedOptions,
  ): Parameters<typeof recorded>[1] {
    return { stack: this.name, operation, message, now: this.#backend.now };
  }

  /** @throws Error in the engine's words when there is no such stack. */
  #existing(): TestState {
    const state = this.#backend.stateOf(this.name);
    if (state === undefined) throw new Error(`error: no stack named '${this.name}' found`);
    return state;
  }

  async #evaluate({ tell }: Running): Promise<Evaluation> {
    checkSettings(this.#given, tell);
    this.#evaluation ??= evaluateProgram(this.#given);
    return this.#evaluation;
  }

  async #walk(steps: readonly Step[], running: Running, state?: TestState): Promise<void> {
    const { failures = {}, beforeStep = () => undefined } = this.#options;
    const shown = Object.entries(failures).map(([name, text]) => [name, this.#given.mask(text)] as const);
    await walk(steps, { ...running, state, beforeStep, failures: Object.fromEntries(shown) });
  }

  #start<T>(
    operation: string,
    options: operations.OperationOptions,
    operate: (running: Running) => Promise<T>,
  ): operations.RunningOperation<T> {
    const started = start(options, async (running) => {
      try {
        running.signal.throwIfAborted();
        return await operate(running);
      } catch (error) {
        const failures = error instanceof FailedStep ? [error.failure] : [];
        const { mask } = this.#given;
        const cancelled = running.signal.aborted;
        throw stackErrorOf({ operation, stack: this.name, error, cancelled, failures, errorLines: [], mask });
      }
    });
    this.#running.add(started);
    const ended = (): void => void this.#running.delete(started);
    started.then(ended, ended);
    return started;
  }
}
