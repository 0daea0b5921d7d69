import { diffArrays } from "diff";
import { stringify } from "yaml";
import type { PlanValue } from "../values";
import { byText } from "../order";
import { hunksOf, type DiffLine } from "./lineDiff";

type Fields = Readonly<Record<string, PlanValue>>;
type Given = PlanValue | undefined;

/** Lines of a text of several lines that are shown around those that differ. */
const CONTEXT = 2;

/**
 * What differs between two values, as lines of YAML under the keys that lead there; what is the same is left out.
 *
 * @example
 * [" controller:", "-  kind: DaemonSet", "+  kind: Deployment"]
 */
export function structureLines(before: Given, after: Given): DiffLine[] {
  if (isFields(before) && isFields(after)) return fieldLines(before, after);
  if (isList(before) && isList(after)) return listLines(before, after);
  return same(before, after) ? [] : [...whole("-", before), ...whole("+", after)];
}

function fieldLines(before: Fields, after: Fields): DiffLine[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byText);
  return keys.flatMap((key) => entryLines(key, own(before, key), own(after, key)));
}

/** A key may be called `constructor` or `toString`, which every object has, but not as its own. */
function own(fields: Fields, key: string): Given {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function entryLines(key: string, before: Given, after: Given): DiffLine[] {
  if (same(before, after)) return [];
  if (isFields(before) && isFields(after) && isFull(before) && isFull(after)) {
    return [line(" ", header(key)), ...indented(fieldLines(before, after))];
  }
  if (isList(before) && isList(after) && before.length > 0 && after.length > 0) {
    return [line(" ", header(key)), ...indented(listLines(before, after))];
  }
  if (isText(before) && isText(after)) {
    const hunks = hunksOf(before, after, CONTEXT);
    return [line(" ", `${header(key)} |`), ...indented(hunks.flatMap((hunk) => hunk.lines))];
  }
  return [...whole("-", before, key), ...whole("+", after, key)];
}

/** Entries with names are the same by their names; others where they stand in the same order. */
function listLines(before: readonly PlanValue[], after: readonly PlanValue[]): DiffLine[] {
  const [old, now] = [named(before), named(after)];
  if (old === undefined || now === undefined || !sameOrder(old, now)) return elementLines(before, after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (same(was, is)) return [];
    if (was === undefined || is === undefined) {
      return elementLines(was === undefined ? [] : [was], is === undefined ? [] : [is]);
    }
    return [line(" ", `- ${entryText("name", name)}`), ...indented(fieldLines(was, is))];
  });
}

function elementLines(before: readonly PlanValue[], after: readonly PlanValue[]): DiffLine[] {
  return diffArrays(before.map(text), after.map(text)).flatMap(({ added, removed, value }) => {
    if (!added && !removed) return [];
    return value.flatMap((each) => whole(added ? "+" : "-", [JSON.parse(each) as PlanValue]));
  });
}

/** Those with a name of their own, by name; undefined where not all have one. */
function named(list: readonly PlanValue[]): Map<string, Fields> | undefined {
  const found = new Map<string, Fields>();
  for (const each of list) {
    const name = isFields(each) ? each["name"] : undefined;
    if (typeof name !== "string" || found.has(name)) return undefined;
    found.set(name, each as Fields);
  }
  return found;
}

function sameOrder(before: ReadonlyMap<string, Fields>, after: ReadonlyMap<string, Fields>): boolean {
  const old = [...before.keys()].filter((name) => after.has(name));
  const now = [...after.keys()].filter((name) => before.has(name));
  return old.join("\0") === now.join("\0");
}

/** All of a value as lines of one sign; nothing where there is none. */
function whole(sign: "+" | "-", value: Given, key?: string): DiffLine[] {
  if (value === undefined) return [];
  if (key === undefined && isFields(value) && !isFull(value)) return [];
  const yaml = stringify(key === undefined ? value : { [key]: value }, { lineWidth: 0 });
  return yaml
    .replace(/\n$/, "")
    .split("\n")
    .map((each) => line(sign, each));
}

function header(key: string): string {
  return entryText(key, null).replace(/ null$/, "");
}

function entryText(key: string, value: PlanValue): string {
  return stringify({ [key]: value }, { lineWidth: 0 }).trimEnd();
}

function indented(lines: readonly DiffLine[]): DiffLine[] {
  return lines.map(({ sign, text: shown }) => ({ sign, text: `  ${shown}` }));
}

function line(sign: DiffLine["sign"], shown: string): DiffLine {
  return { sign, text: shown };
}

function same(before: Given, after: Given): boolean {
  return before === after || (before !== undefined && after !== undefined && text(before) === text(after));
}

/** The same for the same value: fields stand in the order of their names. */
function text(value: PlanValue): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => byText(a, b)))
      : inner,
  );
}

function isFields(value: Given): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFull(value: Fields): boolean {
  return Object.keys(value).length > 0;
}

function isList(value: Given): value is readonly PlanValue[] {
  return Array.isArray(value);
}

/** A text of several lines, such as a file in a value. */
function isText(value: Given): value is string {
  return typeof value === "string" && value.includes("\n");
}
