import { StackError } from "./errors";
import type { StackEvent } from "./events";
import { WaitingFile } from "./waitingFile";

/** So many events wait in memory; further ones wait in a file. */
const IN_MEMORY = 1000;

/**
 * Events from an engine, which waits for nobody, to one reader, who may be slow: in order and without loss. The memory is
 * bounded: what does not fit waits in a file, which goes with the reader. There is no file before somebody reads: who comes
 * after more events than memory holds is told that some are gone.
 */
export class EventQueue implements AsyncIterable<StackEvent> {
  #memory: StackEvent[] = [];
  #file: WaitingFile<StackEvent> | undefined;
  #reader: "none" | "reads" | "left" = "none";
  #dropped = 0;
  #end: { readonly failure?: { readonly error: unknown } } | undefined;
  #wake = (): void => undefined;
  readonly #onReader: () => void;
  readonly #inMemory: number;

  /** @param onReader Called when somebody begins to read. */
  constructor(onReader: () => void, inMemory = IN_MEMORY) {
    this.#onReader = onReader;
    this.#inMemory = inMemory;
  }

  push(event: StackEvent): void {
    if (this.#reader === "left") return;
    if (this.#memory.length < this.#inMemory && this.#file?.isEmpty !== false) this.#memory.push(event);
    else if (this.#reader === "none") this.#dropped += 1;
    else this.#intoFile(event);
    this.#wake();
  }

  /** No more events come. What went wrong is thrown to the reader after the last of them. */
  end(failure?: { readonly error: unknown }): void {
    this.#end = { failure };
    this.#wake();
  }

  /** @throws StackError when somebody reads already, or when events passed that nobody kept. */
  [Symbol.asyncIterator](): AsyncIterator<StackEvent> {
    if (this.#reader !== "none") {
      throw new StackError("failed", "the events of this operation have a reader already", {
        remedy: "read them in one place, and hand them on from there; `onEvent` is called beside it",
      });
    }
    if (this.#dropped > 0) {
      throw new StackError("failed", `${this.#dropped} events of this operation passed before anybody read them`, {
        remedy: "begin to read when the operation is started",
      });
    }
    this.#reader = "reads";
    this.#onReader();
    return this.#events();
  }

  async *#events(): AsyncGenerator<StackEvent, void, undefined> {
    try {
      for (;;) {
        const event = this.#next();
        if (event !== undefined) yield event;
        else if (this.#end === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#end.failure !== undefined) throw this.#end.failure.error;
        else return;
      }
    } finally {
      this.#reader = "left";
      this.#memory = [];
      this.#file?.remove();
      this.#file = undefined;
    }
  }

  #next(): StackEvent | undefined {
    if (this.#memory.length === 0 && this.#file !== undefined) this.#memory = this.#file.take();
    return this.#memory.shift();
  }

  #intoFile(event: StackEvent): void {
    try {
      this.#file ??= new WaitingFile();
      this.#file.add(event);
    } catch {
      // A full disk: rather memory than a gap. What is in the file already comes first.
      this.#memory.push(...(this.#file?.take(Infinity) ?? []), event);
    }
  }
}
