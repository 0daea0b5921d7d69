import type { Operation } from "../store/operations";
import { element, type Made } from "../../plan/render/html/element";

/** What a person reads of states, times and kinds. */

export type State = Operation["state"] | "waiting" | "working" | "done" | "unknown";

/** A state as a mark; its colour says nothing that the word does not say. */
export function mark(state: State, words: string = state): Made {
  return element("span", { class: `mark ${COLOURS[state]}` }, words);
}

const COLOURS: Readonly<Record<State, string>> = {
  queued: "calm",
  waiting: "calm",
  running: "busy",
  working: "busy",
  succeeded: "good",
  done: "good",
  failed: "bad",
  interrupted: "bad",
  cancelled: "calm",
  unknown: "calm",
};

/** `Up of dev`. */
export function titleOf({ kind, stack }: Pick<Operation, "kind" | "stack">): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} of ${stack}`;
}

export function hasEnded({ state }: Pick<Operation, "state">): boolean {
  return state !== "queued" && state !== "running";
}

/** A point in time, in UTC and to the second. */
export function time(iso: string): Made {
  return element("time", { datetime: iso }, `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`);
}

/** Of a day that is known. */
export function clock(iso: string): Made {
  return element("time", { datetime: iso }, iso.slice(11, 19));
}

/** `1 min 12 s` */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((new Date(to).getTime() - new Date(from).getTime()) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Time that goes on; the page's script counts it. */
export function since(from: string): Made {
  return element("span", { "data-since": from }, "since ", clock(from));
}

/** `1 node`, `3 nodes` */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
