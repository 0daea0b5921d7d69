import { isMap, isScalar, isSeq, parse, parseDocument, type Pair, type YAMLMap } from "yaml";
import { GroundworkError } from "../../config/groundworkError";
import type { Drift } from "./finding";
import type { SiteDrift } from "./drift";

/** A node that the next `up` is to bring back, and whether its pods move away before. */
export interface Repair {
  readonly node: string;
  readonly drain: boolean;
}

/** The nodes that a stamp mends, in roll-out order. Pure. */
export function repairsOf({ nodes }: Pick<SiteDrift, "nodes">): Repair[] {
  return nodes.flatMap(({ name, drifts }) => {
    const mended = drifts.filter(({ mendedBy }) => mendedBy !== "hand");
    if (mended.length === 0) return [];
    return [{ node: name, drain: mended.some(({ mendedBy }: Drift) => mendedBy === "drained up") }];
  });
}

/**
 * A stack file's text with a stamp at each of these nodes. All other lines stay as they are, to the byte.
 *
 * @param at When, as the stamp has it.
 * @throws GroundworkError where the file does not have such a node.
 */
export function withStamps(text: string, repairs: readonly Repair[], at: string): string {
  return repairs.reduce((before, repair) => withStamp(before, repair, at), text);
}

function withStamp(text: string, { node, drain }: Repair, at: string): string {
  const document = parseDocument(text);
  const entry = entryOf(document.getIn(["config", "groundwork:nodes"]), node);
  const wanted = { at, drain };
  const flow = `{ at: "${at}", drain: ${String(drain)} }`;
  const written = insertedInto(text, entry, flow);
  entry.set("repair", document.createNode(wanted));
  // What was put in between the lines must be what the file was to say; a form that nobody foresaw is written by the library.
  return isSame(written, document.toJSON()) ? written : document.toString({ lineWidth: 0 });
}

function entryOf(nodes: unknown, name: string): YAMLMap {
  const found = isSeq(nodes) ? nodes.items.find((item) => isMap(item) && item.get("name") === name) : undefined;
  if (isMap(found)) return found;
  throw new GroundworkError("failed", `the stack file has no entry '${name}' under groundwork:nodes`);
}

/** The text with the stamp after the node's name, or in place of the one before. */
function insertedInto(text: string, entry: YAMLMap, flow: string): string {
  const pairOf = (key: string): Pair | undefined =>
    entry.items.find(({ key: each }) => isScalar(each) && each.value === key);
  const [from, to] = rangeOf(pairOf("repair")?.value) ?? [];
  if (from !== undefined && to !== undefined) return `${text.slice(0, from)}${flow}${text.slice(to)}`;
  const name = pairOf("name");
  const [keyFrom] = rangeOf(name?.key) ?? [];
  const [, nameTo] = rangeOf(name?.value) ?? [];
  if (keyFrom === undefined || nameTo === undefined) return text;
  const indent = " ".repeat(keyFrom - (text.lastIndexOf("\n", keyFrom - 1) + 1));
  const end = text.indexOf("\n", nameTo);
  const at = end < 0 ? text.length : end;
  return `${text.slice(0, at)}\n${indent}repair: ${flow}${text.slice(at)}`;
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null };
  return range === undefined || range === null ? undefined : [range[0], range[1]];
}

function isSame(text: string, wanted: unknown): boolean {
  try {
    return JSON.stringify(sorted(parse(text))) === JSON.stringify(sorted(wanted));
  } catch {
    return false;
  }
}

/** The same data with the keys of every object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
