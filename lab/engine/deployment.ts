import { deletionOrder, protectedMessage } from "./deletions";
import { HalfMade, type Executor, type ExecutorOf, type Work } from "./executor";
import { STACK_TYPE, type Registered, type Registrations } from "./monitor";
import { previewDeletion, previewStep, type PreviewStep } from "./previewSteps";
import { keepSecrets, plain, secretTexts, withSecretOutputs, type Values } from "./propertyValues";
import type { Progress } from "./progress";
import { providerUrn, type ResourceState, type StateFile } from "./state";
import { needsOf, replacedWith, stepFor, type Goal, type ReplacementRules, type Step } from "./step";

/** Components have no provider: nothing of them is ever replaced. */
const COMPONENT: ReplacementRules = { replaces: () => false };

/** One run over a program or a state: decides what each resource needs, has it done, and records it at once. */
export class Deployment implements Registrations {
  readonly #state: StateFile;
  readonly #executorOf: ExecutorOf;
  readonly #progress: Progress;
  readonly #isPreview: boolean;
  readonly #goals = new Map<string, Goal>();
  /** Outputs and inputs of what was registered: what a preview knows without recording it. */
  readonly #providers = new Map<string, Values>();
  /** In a preview: what would be deleted, and made again, because of a resource that is deleted before its replacement. */
  readonly #pendingReplacement = new Set<string>();
  readonly #deleted = new Set<ResourceState>();
  readonly #deletedUrns = new Set<string>();
  /** Of a preview: what each resource would come to. */
  readonly steps: PreviewStep[] = [];
  outputs: Values | undefined;

  constructor(options: { state: StateFile; executorOf: ExecutorOf; progress: Progress; isPreview: boolean }) {
    this.#state = options.state;
    this.#executorOf = options.executorOf;
    this.#progress = options.progress;
    this.#isPreview = options.isPreview;
  }

  async register(registered: Goal): Promise<Registered> {
    const goal = inheriting(registered, this.#goals.get(registered.parent ?? ""));
    try {
      if (this.#goals.has(goal.urn)) {
        throw new Error(`Duplicate resource URN '${goal.urn}'; try giving it a unique name`);
      }
      this.#goals.set(goal.urn, goal);
      const former = this.#state.find(goal.urn)
        ? undefined
        : goal.aliases.find((urn) => this.#state.find(urn) !== undefined);
      if (former !== undefined) this.#state.rename(former, goal.urn);
      return await this.#reach(goal);
    } catch (error) {
      this.#progress.failed(goal, error as Error);
      return { urn: goal.urn, outputs: {}, failed: true };
    }
  }

  registerOutputs(urn: string, outputs: Values): void {
    if (this.#goals.get(urn)?.type === STACK_TYPE) this.outputs = outputs;
    const resource = this.#state.find(urn);
    if (resource && !this.#isPreview) resource.outputs = outputs;
  }

  async #reach(goal: Goal): Promise<Registered> {
    const executor = goal.custom ? this.#executor(goal.type) : undefined;
    const found = this.#state.find(goal.urn);
    const old = found && this.#pendingReplacement.has(goal.urn) ? { ...found, awaitsReplacement: true } : found;
    const step = stepFor(old, goal, this.#rules(goal));
    this.#progress.hide(secretTexts(step.inputs));
    if (step.operation === "replace" && old?.protect === true && goal.protect === true) {
      throw new Error(protectedMessage(goal.urn, "replace"));
    }
    this.#progress.planned(goal, step);
    if (goal.type.startsWith("pulumi:providers:")) this.#providers.set(goal.urn, plain(step.inputs));
    if (this.#isPreview) {
      this.steps.push(previewStep(goal, step, old, this.#rules(goal)));
      if (step.operation === "replace" && step.deleteFirst && old) {
        for (const resource of this.#goneWith(old)) this.#pendingReplacement.add(resource.urn);
      }
      return this.#foreseen(goal, step, old, executor);
    }

    const recorded = recordOf(goal, step.inputs);
    if (step.operation === "same" || !executor) {
      recorded.id = old?.id;
      recorded.outputs = executor ? secretOutputs(old?.outputs ?? {}, step.inputs, goal) : step.inputs;
      // Nothing happened that a crash could lose: it is written with the next save.
      this.#state.put(recorded, old);
      return { urn: goal.urn, id: recorded.id, outputs: recorded.outputs, failed: false };
    }
    await this.#make(goal, step, old, executor, recorded);
    return { urn: goal.urn, id: recorded.id, outputs: recorded.outputs, failed: false };
  }

  async #make(goal: Goal, step: Step, old: ResourceState | undefined, executor: Executor, recorded: ResourceState) {
    const isReplaced = step.operation === "replace";
    if (isReplaced && step.deleteFirst && old?.awaitsReplacement === false) await this.#deleteFirst(old);
    await this.#progress.during(goal, step.operation, async (print) => {
      const end = this.#state.begin(goal.urn, step.operation === "update" ? "updating" : "creating");
      try {
        const updated = step.operation === "update" ? old : undefined;
        const timeoutSeconds = updated ? goal.timeoutSeconds.update : goal.timeoutSeconds.create;
        const work = this.#work(recorded, updated, timeoutSeconds, print);
        const made = updated ? { id: updated.id, outputs: await executor.update(work) } : await executor.create(work);
        recorded.id = made.id;
        recorded.outputs = secretOutputs(made.outputs, step.inputs, goal);
        this.#progress.hide(secretTexts(recorded.outputs));
        // The replaced one stays on record until it is deleted, after the program has ended.
        const staysBehind = isReplaced && old?.awaitsReplacement === false;
        if (staysBehind) old.replaced = true;
        this.#state.put(recorded, staysBehind ? undefined : old);
      } catch (error) {
        if (error instanceof HalfMade) {
          const outputs = secretOutputs(error.made.outputs, step.inputs, goal);
          this.#state.put({ ...recorded, id: error.made.id, outputs, interrupted: true }, isReplaced ? undefined : old);
          if (isReplaced && old?.awaitsReplacement === false) old.replaced = true;
        }
        throw error;
      } finally {
        end();
        this.#state.save();
      }
    });
  }

  /** Deletes a resource before its replacement, and first those that cannot outlive it. */
  async #deleteFirst(old: ResourceState): Promise<void> {
    const others = this.#goneWith(old);
    const kept = others.find((resource) => resource.protect);
    if (kept) throw new Error(protectedMessage(kept.urn, "replace"));
    for (const resource of [...others, old]) this.#deletedUrns.add(resource.urn);
    const order = deletionOrder([...others, old], needsOf);
    for (const resource of order) {
      await this.#delete(resource, () => {
        resource.awaitsReplacement = true;
      });
    }
  }

  #goneWith(root: ResourceState): ResourceState[] {
    return replacedWith(
      root,
      this.#state.resources,
      (urn) => this.#goals.has(urn),
      (resource) => this.#rules(resource),
    );
  }

  /** Everything that has to be deleted once the program has ended: what it left out, and what was replaced. */
  deletions(): ResourceState[] {
    return this.#state.resources.filter((resource) => resource.replaced || !this.#goals.has(resource.urn));
  }

  /** Deletes in reverse dependency order, side by side where nothing stands between. */
  async deleteAll(resources: readonly ResourceState[]): Promise<void> {
    const kept = resources.find((resource) => resource.protect && !resource.replaced);
    if (kept) {
      this.#progress.failed(kept, new Error(protectedMessage(kept.urn, "delete")));
      if (!this.#isPreview) return;
    }
    for (const resource of resources) {
      this.#deletedUrns.add(resource.urn);
      this.#progress.plannedDeletion(resource);
      if (this.#isPreview && !resource.replaced) this.steps.push(previewDeletion(resource));
    }
    if (this.#isPreview) return;
    const order = deletionOrder(resources, needsOf);
    const isDeleted = new Map<ResourceState, Promise<boolean>>();
    order.forEach((resource, at) => {
      const above = order.slice(0, at).filter((other) => needsOf(other).includes(resource.urn));
      const before = above.flatMap((other) => isDeleted.get(other) ?? []);
      isDeleted.set(resource, this.#deleteAfter(Promise.all(before), resource));
    });
    await Promise.all(isDeleted.values());
  }

  /** @returns whether it is gone; it stays when something that needs it could not be deleted */
  async #deleteAfter(above: Promise<boolean[]>, resource: ResourceState): Promise<boolean> {
    if (!(await above).every((isGone) => isGone)) return false;
    try {
      await this.#delete(resource, () => this.#state.remove(resource));
      return true;
    } catch (error) {
      this.#progress.failed(resource, error as Error);
      return false;
    }
  }

  async #delete(resource: ResourceState, record: () => void): Promise<void> {
    if (this.#deleted.has(resource)) return;
    this.#deleted.add(resource);
    const goesAlong = resource.deletedWith !== undefined && this.#deletedUrns.has(resource.deletedWith);
    const isForgotten = !resource.custom || resource.awaitsReplacement || resource.retainOnDelete || goesAlong;
    if (isForgotten) {
      record();
      this.#state.save();
      if (resource.custom && !resource.awaitsReplacement) this.#progress.forgotten(resource, goesAlong);
      return;
    }
    const executor = this.#executor(resource.type);
    await this.#progress.during(resource, "delete", async (print) => {
      const end = this.#state.begin(resource.urn, "deleting");
      try {
        await executor.delete(this.#work(resource, resource, resource.deleteTimeoutSeconds, print));
        record();
      } finally {
        end();
        this.#state.save();
      }
    });
  }

  #rules(resource: Pick<ResourceState, "type" | "provider" | "custom">): ReplacementRules {
    const executor = resource.custom ? this.#executorOf(resource.type) : undefined;
    if (!executor) return COMPONENT;
    const provider = this.#providerInputs(resource);
    return { ...executor, replaces: (change, before, after) => executor.replaces(change, before, after, provider) };
  }

  /** As the program registered the provider, or as it is recorded. */
  #providerInputs(resource: Pick<ResourceState, "provider">): Values | undefined {
    const urn = providerUrn(resource);
    if (urn === undefined) return undefined;
    return this.#providers.get(urn) ?? plain<Values | undefined>(this.#state.find(urn)?.inputs);
  }

  #executor(type: string): Executor {
    const executor = this.#executorOf(type);
    if (!executor) throw new Error(`the lab engine does not know resources of type ${type}`);
    return executor;
  }

  #work(
    resource: ResourceState,
    old: ResourceState | undefined,
    timeoutSeconds: number | undefined,
    print: (line: string) => void,
  ): Work {
    return {
      urn: resource.urn,
      name: resource.name,
      type: resource.type,
      inputs: plain(resource.inputs),
      old: old && { id: old.id ?? "", inputs: plain(old.inputs), outputs: plain(old.outputs) },
      provider: this.#providerInputs(resource),
      timeoutSeconds,
      wasCutOff: this.#state.cutOffCreations.has(resource.urn),
      print,
    };
  }

  /** A preview's answer: known are the inputs and, where nothing changes, what is recorded. */
  #foreseen(goal: Goal, step: Step, old: ResourceState | undefined, executor: Executor | undefined): Registered {
    if (step.operation === "same") return { urn: goal.urn, id: old?.id, outputs: old?.outputs ?? {}, failed: false };
    const isUpdate = step.operation === "update";
    const before = isUpdate ? old?.outputs : undefined;
    const outputs = executor?.foresee ? executor.foresee(step.inputs, before) : step.inputs;
    return {
      urn: goal.urn,
      id: isUpdate ? old?.id : undefined,
      outputs: keepSecrets(outputs, step.inputs) as Values,
      failed: false,
    };
  }
}

/** Children take these options over from their parent, components included (Pulumi's inheritFromParent). */
function inheriting(goal: Goal, parent: Goal | undefined): Goal {
  return {
    ...goal,
    protect: goal.protect ?? parent?.protect,
    retainOnDelete: goal.retainOnDelete ?? parent?.retainOnDelete,
    deletedWith: goal.deletedWith ?? parent?.deletedWith,
  };
}

function secretOutputs(outputs: Values, inputs: Values, goal: Goal): Values {
  return withSecretOutputs(keepSecrets(outputs, inputs) as Values, goal.additionalSecretOutputs);
}

function recordOf(goal: Goal, inputs: Values): ResourceState {
  return {
    urn: goal.urn,
    type: goal.type,
    name: goal.name,
    custom: goal.custom,
    parent: goal.parent,
    provider: goal.provider,
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
    deletedWith: goal.deletedWith,
    protect: goal.protect ?? false,
    retainOnDelete: goal.retainOnDelete ?? false,
    replaceOnChanges: goal.replaceOnChanges.length > 0 ? [...goal.replaceOnChanges] : undefined,
    deleteTimeoutSeconds: goal.timeoutSeconds.delete,
    inputs,
    outputs: {},
    replaced: false,
    awaitsReplacement: false,
    interrupted: false,
  };
}
