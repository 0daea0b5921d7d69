import type { Operation, Operations } from "../store/operations";
import type { NumberedEvent } from "./eventLog";
import type { EventSource } from "./eventSource";

interface Waiting {
  readonly offset: number;
  readonly resolve: () => void;
}

/**
 * Follows the events of operations for any number of listeners. Each reads at its own pace, so that a slow one holds nothing
 * in memory; one look serves all of an operation.
 */
export class OperationWatch {
  readonly #operations: Operations;
  readonly #source: EventSource;
  readonly #waiting = new Map<string, Set<Waiting>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(operations: Operations, source: EventSource) {
    this.#operations = operations;
    this.#source = source;
  }

  /** Whether an event has this number, or it is 0. */
  isEnd(id: string, number: number): Promise<boolean> {
    return this.#source.isEnd(id, number);
  }

  /** The events that are there now. */
  soFar(id: string): AsyncGenerator<NumberedEvent> {
    return this.#source.from(id, 0);
  }

  /** Events from an offset on, until the operation has ended and all are told, or the service stops. */
  async *events(id: string, from: number): AsyncGenerator<NumberedEvent> {
    let offset = from;
    for (;;) {
      // In this order: what was written before the end is read after it was seen.
      const isOver = hasEnded(await this.#operations.get(id));
      offset = yield* this.#source.from(id, offset);
      if (isOver || this.#isClosed) return;
      await this.#more(id, offset);
    }
  }

  /** Ends all streams; who listens comes again with the number of what it has heard last. */
  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#waiting.keys()]) this.#release(id, () => true);
  }

  async #more(id: string, offset: number): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting.add({ offset, resolve }));
      this.#timer ??= this.#later();
    });
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), this.#source.lookMs);
  }

  async #look(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) {
      // Where the record cannot be asked, who listens is let go on, and is told so.
      const end = await this.#end(id).catch(() => Number.POSITIVE_INFINITY);
      this.#release(id, ({ offset }) => offset < end);
    }
    this.#timer = this.#waiting.size > 0 ? this.#later() : undefined;
  }

  async #end(id: string): Promise<number> {
    return hasEnded(await this.#operations.get(id)) ? Number.POSITIVE_INFINITY : this.#source.end(id);
  }

  #release(id: string, isDue: (waiting: Waiting) => boolean): void {
    const all = this.#waiting.get(id) ?? new Set();
    for (const waiting of [...all].filter(isDue)) {
      all.delete(waiting);
      waiting.resolve();
    }
    if (all.size === 0) this.#waiting.delete(id);
  }
}

function hasEnded({ state }: Operation): boolean {
  return state !== "queued" && state !== "running";
}
