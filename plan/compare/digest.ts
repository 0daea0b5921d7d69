import { createHash } from "node:crypto";
import { GroundworkError } from "../../config/groundworkError";
import { byText } from "../order";
import type { Change, Difference, HostVerdict } from "./difference";
import { isOrigin } from "./origin";

/** Goes into every digest: raised when something else is counted in it. */
const DIGEST_FORMAT = 1;

/** Hexadecimal digits by which a part is known, and its content. */
const SHORT = 8;

/** More parts than this are not told one by one. */
const MOST_PARTS = 60;

/** Names in one sentence; the rest is counted. */
const MOST_NAMES = 10;

/**
 * What a difference comes to, in a few letters: the same again exactly where the same would be done. What counts is what is changed in which
 * lines, what is deleted and made anew, which machines restart, what is drained, and the order; a secret counts by that it changes. What
 * does not count: the time, what was compared with, and who caused it.
 */
export interface Digest {
  /** SHA-256 of all of it, 64 hexadecimal digits. */
  readonly whole: string;
  /** What each part of it comes to, by what tells the part; empty where there are too many of them. */
  readonly parts: ReadonlyMap<string, string>;
  /** Names of the parts, where they are known. */
  readonly names: ReadonlyMap<string, string>;
}

/** @returns undefined of a preview that failed: what would be done is not known. */
export function digestOf(difference: Difference): Digest | undefined {
  if (difference.failed === true) return undefined;
  const { project, stack, view = "base", changes, verdict } = difference;
  const parts = [...changes.map(changePart), ...verdict.hosts.map(hostPart)].sort((a, b) => (a.key < b.key ? -1 : 1));
  const whole = sha256([DIGEST_FORMAT, project, stack, view, parts.map(({ key, content }) => [key, content])]);
  const isShort = parts.length <= MOST_PARTS;
  return {
    whole,
    parts: new Map(isShort ? parts.map(({ key, content }) => [short(key), short(content)]) : []),
    names: new Map(parts.map(({ key, name }) => [short(key), name])),
  };
}

/** In a form that is read again: the digest, and its parts where they are few. */
export function digestText({ whole, parts }: Digest): string {
  return [whole, ...[...parts].map(([key, content]) => `${key}${content}`)].join(".");
}

const FORM = new RegExp(`^[0-9a-f]{64}(?:\\.[0-9a-f]{${2 * SHORT}}){0,${MOST_PARTS}}$`);

/** Whether a text is a digest, with its parts or without. */
export function isDigest(text: string): boolean {
  return FORM.test(text);
}

/** A digest of that form. */
export function readDigest(text: string): Digest {
  const [whole = "", ...parts] = text.split(".");
  return {
    whole,
    parts: new Map(parts.map((part) => [part.slice(0, SHORT), part.slice(SHORT)])),
    names: new Map(),
  };
}

/**
 * Holds a difference to the digest that was approved.
 *
 * @throws GroundworkError that names what is not as it was approved, as far as that is known.
 */
export function holdTo(approved: Digest, difference: Difference): void {
  const now = digestOf(difference);
  const { stack } = difference;
  if (now === undefined) {
    throw new GroundworkError(
      "failed",
      `${stack}: the preview failed, so it is not what was approved; nothing was done`,
    );
  }
  if (now.whole === approved.whole) return;
  const others = othersThan(approved, now);
  throw new GroundworkError(
    "failed",
    [
      `${stack}: what would be done now is not what was approved; nothing was done`,
      ...(others === "" ? [] : [others]),
      `The approved digest is ${approved.whole}, that of now ${now.whole}`,
    ].join(". "),
    { remedy: "read what would be done now, and have that approved" },
  );
}

function othersThan(approved: Digest, now: Digest): string {
  // One of them is too long to be told by its parts, or came without them.
  if (approved.parts.size === 0 || now.parts.size === 0) return "";
  const keys = [...now.parts.keys()];
  const named = (all: readonly string[], { names }: Digest): string[] => all.flatMap((key) => names.get(key) ?? []);
  const other = keys.filter((key) => approved.parts.has(key) && approved.parts.get(key) !== now.parts.get(key));
  const more = keys.filter((key) => !approved.parts.has(key));
  const gone = [...approved.parts.keys()].filter((key) => !now.parts.has(key));
  const names = named(gone, approved);
  const goneNames = names.length > 0 ? listed(names) : `${gone.length} ${gone.length === 1 ? "thing" : "things"}`;
  return [
    ...(other.length === 0 ? [] : [`Changes otherwise: ${listed(named(other, now))}`]),
    ...(more.length === 0 ? [] : [`Was not to change: ${listed(named(more, now))}`]),
    ...(gone.length === 0 ? [] : [`Was approved, and does not change any more: ${goneNames}`]),
  ].join(". ");
}

/** A machine has two parts, its change and what becomes of its k3s, and is named once. */
function listed(names: readonly string[]): string {
  const all = [...new Set(names)].sort(byText);
  const more = all.length - MOST_NAMES;
  return more <= 0 ? all.join(", ") : `${all.slice(0, MOST_NAMES).join(", ")} and ${more} more`;
}

interface Part {
  readonly key: string;
  readonly content: string;
  readonly name: string;
}

function changePart({ kind, type, name, action, notes, documents }: Change): Part {
  const shown = documents.map((document) => [
    document.name,
    document.hunks.map(({ place, lines }) => [place, lines.map(({ sign, text }) => [sign, text])]),
  ]);
  return {
    key: sha256([kind, type, name]),
    content: sha256([action, notes.filter((note) => !isOrigin(note)), shown]),
    name: kind === "roll-out" ? "the roll-out's order" : `${kind} ${name}`,
  };
}

function hostPart({ name, k3s, drain, order }: HostVerdict): Part {
  return { key: sha256(["host", name]), content: sha256([k3s, drain, order]), name: `node ${name}` };
}

function short(digits: string): string {
  return digits.slice(0, SHORT);
}

function sha256(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
