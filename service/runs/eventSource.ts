import { statSync } from "node:fs";
import { eventsFrom, isEventEnd, type NumberedEvent } from "./eventLog";

/** Where events of operations are read from. */
export interface EventSource {
  /** How often it is looked whether there is more, while somebody watches. */
  readonly lookMs: number;
  /** Whether an event has this number, or it is 0: who has heard up to there may go on there. */
  isEnd(id: string, number: number): Promise<boolean>;
  /** The number of the last event, or 0. */
  end(id: string): Promise<number>;
  /** The events behind a number to the last one that is there now, read as fast as they are taken; gives its number. */
  from(id: string, number: number): AsyncGenerator<NumberedEvent, number>;
}

/** Events out of the files that the runs of this service write. */
export function fileEvents(fileOf: (id: string) => string): EventSource {
  return {
    lookMs: 150,
    isEnd: (id, number) => Promise.resolve(isEventEnd(fileOf(id), number)),
    end: (id) => Promise.resolve(statSync(fileOf(id), { throwIfNoEntry: false })?.size ?? 0),
    from: (id, number) => eventsFrom(fileOf(id), number),
  };
}
