import { closeSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import type { StackEvent } from "../../automation/stacks";

/** An event with the time when it was written. */
export type RecordedEvent = StackEvent & { readonly at: string };

/**
 * The events of a run as lines of a file, written by the run's own process as they come, so that none is lost with the service.
 * Where a line ends is the event's number: who has read up to there goes on there, without a search.
 */
export function eventWriter(file: string, now: () => Date = () => new Date()): (event: StackEvent) => void {
  const descriptor = openSync(file, "a", 0o600);
  let isTorn = false;
  return (event) => {
    const line = Buffer.from(`${isTorn ? "\n" : ""}${JSON.stringify({ at: now().toISOString(), ...event })}\n`);
    try {
      isTorn = writeSync(descriptor, line) < line.length;
    } catch {
      // A full disk is no reason to fail a run that changes machines; readers leave out what is torn.
      isTorn = true;
    }
  };
}

export interface NumberedEvent {
  /** Where its line ends in the file. */
  readonly id: number;
  readonly event: RecordedEvent;
}

const CHUNK = 64 * 1024;

/** Whether an event ends there: a number that a client made up must not give it half a line. */
export function isEventEnd(file: string, offset: number): boolean {
  if (offset === 0) return true;
  const descriptor = tryOpen(file);
  if (descriptor === undefined) return false;
  try {
    const byte = Buffer.alloc(1);
    return readSync(descriptor, byte, 0, 1, offset - 1) === 1 && byte[0] === NEWLINE;
  } finally {
    closeSync(descriptor);
  }
}

/** The events from an offset to the end of what is there now, read as fast as they are taken. */
export async function* eventsFrom(file: string, offset: number): AsyncGenerator<NumberedEvent, number> {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= offset) return offset;
  const handle = await open(file, "r");
  try {
    let at = offset;
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, at + rest.length);
      if (bytesRead === 0) return at;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        at += end + 1;
        const event = parsed(rest.subarray(0, end).toString("utf8"));
        rest = rest.subarray(end + 1);
        if (event !== undefined) yield { id: at, event };
      }
    }
  } finally {
    await handle.close();
  }
}

const NEWLINE = 0x0a;

/** Undefined for a line that a full disk or a power cut left broken. */
function parsed(line: string): RecordedEvent | undefined {
  try {
    return JSON.parse(line) as RecordedEvent;
  } catch {
    return undefined;
  }
}

function tryOpen(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined;
  }
}
