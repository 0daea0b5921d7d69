import { statSync } from "node:fs";
import type { Operation, Operations } from "../store/operations";
import { eventsFrom, type NumberedEvent } from "./eventLog";

/** How often the files of what runs are looked at, while somebody watches. */
const LOOK_MS = 150;

interface Waiting {
  readonly offset: number;
  readonly resolve: () => void;
}

/**
 * Follows the events of operations for any number of listeners. Each reads the file at its own pace, so that a slow one holds nothing
 * in memory; one look serves all of an operation.
 */
export class OperationWatch {
  readonly #operations: Operations;
  readonly #eventFile: (id: string) => string;
  readonly #waiting = new Map<string, Set<Waiting>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(operations: Operations, eventFile: (id: string) => string) {
    this.#operations = operations;
    this.#eventFile = eventFile;
  }

  /** Events from an offset on, until the operation has ended and all are told, or the service stops. */
  async *events(id: string, from: number): AsyncGenerator<NumberedEvent> {
    const file = this.#eventFile(id);
    let offset = from;
    for (;;) {
      // In this order: what was written before the end is read after it was seen.
      const isOver = hasEnded(await this.#operations.get(id));
      offset = yield* eventsFrom(file, offset);
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
    return setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) {
      const size = statSync(this.#eventFile(id), { throwIfNoEntry: false })?.size ?? 0;
      // Where the record cannot be asked, who listens is let go on, and is told so.
      const isOver = await this.#operations.get(id).then(hasEnded, () => true);
      this.#release(id, ({ offset }) => isOver || offset < size);
    }
    this.#timer = this.#waiting.size > 0 ? this.#later() : undefined;
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
