import { eventsFrom, type NumberedEvent, type RecordedEvent } from "../runs/eventLog";
import type { Store } from "../store/store";
import { Turns } from "../store/turns";

const LOOK_MS = 250;
/** Events of one statement. */
const AT_ONCE = 100;
/** Of one event, and of all events of a run; what is above stays in the run's own directory. */
const MOST_OF_ONE = 256 * 1024;
const MOST_OF_ALL = 32 * 1024 * 1024;

/** Copies the events of a run from its file to the record, in their order and with their numbers. */
export class EventCopy {
  readonly #store: Store;
  readonly #id: string;
  readonly #file: string;
  readonly #turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #done: { number: number; bytes: number } | undefined;

  constructor(store: Store, id: string, file: string) {
    this.#store = store;
    this.#id = id;
    this.#file = file;
  }

  start(): void {
    // What cannot be copied now is copied the next time.
    const copy = (): void => void this.#turns.take(() => this.#copy()).catch(() => undefined);
    this.#timer = setInterval(copy, LOOK_MS).unref();
  }

  /** Copies what is left, after which nothing comes any more. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turns.take(() => this.#copy());
  }

  async #copy(): Promise<void> {
    this.#done ??= await this.#before();
    let batch: NumberedEvent[] = [];
    for await (const event of eventsFrom(this.#file, this.#done.number)) {
      batch.push(event);
      if (batch.length === AT_ONCE) batch = await this.#keep(batch);
    }
    await this.#keep(batch);
  }

  /** What another copy, before a restart of the service, has done. */
  async #before(): Promise<{ number: number; bytes: number }> {
    const text =
      "SELECT coalesce(max(number), 0) AS number, coalesce(sum(length(event)), 0) AS bytes FROM events WHERE operation = ?";
    return (await this.#store.one(text, this.#id)) as { number: number; bytes: number };
  }

  async #keep(batch: readonly NumberedEvent[]): Promise<NumberedEvent[]> {
    const done = this.#done ?? { number: 0, bytes: 0 };
    const rows: [string, number, string][] = [];
    let { bytes } = done;
    for (const { id: number, event } of batch) {
      // Once: what comes after it is left out without a word.
      if (bytes > MOST_OF_ALL) break;
      const text = JSON.stringify(event);
      bytes += text.length;
      const kept = bytes > MOST_OF_ALL ? TOO_MANY : text.length > MOST_OF_ONE ? TOO_LARGE : undefined;
      rows.push([this.#id, number, kept === undefined ? text : JSON.stringify(problem(event, kept))]);
    }
    if (rows.length > 0) {
      const places = rows.map(() => "(?, ?, ?)").join(", ");
      const text = `INSERT INTO events (operation, number, event) VALUES ${places} ON CONFLICT DO NOTHING`;
      await this.#store.run(text, ...rows.flat());
    }
    this.#done = { number: batch.at(-1)?.id ?? done.number, bytes };
    return [];
  }
}

const TOO_LARGE = "an event was left out: it is larger than 256 KiB. The run's service has it in its directory";
const TOO_MANY =
  "further events are left out: the run has more than 32 MiB of them. Its service has all in its directory";

function problem({ at }: RecordedEvent, text: string): RecordedEvent {
  return { at, kind: "problem", severity: "warning", resource: undefined, text };
}
