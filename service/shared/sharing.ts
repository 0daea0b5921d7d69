import { existsSync } from "node:fs";
import type { Ownership } from "../runs/ownership";
import { writeLease } from "../runs/lease";
import type { Supervisor } from "../runs/supervisor";
import type { Operation, Operations } from "../store/operations";
import type { Store } from "../store/store";
import { Turns } from "../store/turns";
import { EventCopy } from "./eventCopy";
import { Instance } from "./instance";
import { Others } from "./others";
import { keepPlan, planOf } from "./plans";

export interface SharingOptions {
  readonly store: Store;
  readonly operations: Operations;
  readonly directory: string;
  readonly goneSeconds: number;
  /** Stacks that this service has: it takes operations of no others. */
  readonly stacks: readonly string[];
  /** Told of each operation of a service that is gone. */
  readonly onChange: (operation: Operation) => void;
  readonly onError: (error: unknown) => void;
}

/** What a service does, besides its runs, where several share the record: it shows that it lives, and looks after the others. */
export class Sharing {
  readonly #options: SharingOptions;
  readonly #instance: Instance;
  readonly #others: Others;
  readonly #turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #isStopped = false;

  constructor(options: SharingOptions) {
    this.#options = options;
    const { store, operations } = options;
    this.#instance = new Instance(options);
    this.#others = new Others({ store, operations, id: this.#instance.id });
  }

  get ownership(): Ownership {
    const { store, stacks } = this.#options;
    return {
      owner: this.#instance.id,
      claim: (atOnce) => this.#instance.claim({ atOnce, stacks }),
      leaseOf: (id) => this.#instance.leaseOf(id),
      planFile: async (preview, work) => work.takePlan(await planOf(store, preview)),
      handOn: ({ id, kind }, work) => {
        const copy = new EventCopy(store, id, work.eventFile);
        copy.start();
        return async () => {
          await copy.finish();
          if (kind === "preview") await keepPlan(store, id, work.planFile);
        };
      },
    };
  }

  /** Before the service takes up what it has left running. */
  async join(): Promise<void> {
    await this.#instance.join();
  }

  start(supervisor: Supervisor): void {
    const soon = (): void => this.#soon(supervisor);
    this.#timer = setInterval(soon, this.#instance.beatMs);
    this.#options.store.onAnnounced(soon);
    soon();
  }

  /** No sign of life comes from here any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#turns.take(() => undefined);
  }

  /** What is announced while one round waits for its turn is seen by that one. */
  #soon(supervisor: Supervisor): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    void this.#turns.take(() => this.#round(supervisor)).catch(this.#options.onError);
  }

  async #round(supervisor: Supervisor): Promise<void> {
    this.#isDue = false;
    if (this.#isStopped) return;
    const own = await this.#instance.beat();
    for (const [id, until] of this.#instance.leases) this.#renew(supervisor.workOf(id).leaseFile, until);
    supervisor.look(own);
    for (const operation of await this.#others.look()) this.#options.onChange(operation);
  }

  /** One that cannot be renewed ends its own run, and no other. */
  #renew(file: string, until: number): void {
    try {
      // It is there when the run has begun.
      if (existsSync(file)) writeLease(file, until);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
