import { SECRET_MARK } from "../../config/secret";
import type { Plan, PlanNode } from "../model";
import type { PlanValue } from "../values";

/** What stands for a value that is a secret on the other side only. */
export const PLAIN_SECRET = `${SECRET_MARK}, in plain text`;

/** Two values with what is a secret in either of them masked in both. */
interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

type Fields = Readonly<Record<string, PlanValue>>;

/**
 * Two plans of which neither shows what is a secret in the other one: a value that becomes a secret, or is none any more, would
 * otherwise be read in the lines that go or come. That it changes may be seen.
 */
export function maskPlans(before: Plan, after: Plan): Pair<Plan> {
  const nodes = paired(before.nodes, after.nodes, ({ name }) => name, maskNodes);
  const resources = paired(
    before.resources,
    after.resources,
    ({ type, name }) => `${type} ${name}`,
    (was, is) => {
      const inputs = maskFields(was.inputs, is.inputs);
      return { before: { ...was, inputs: inputs.before }, after: { ...is, inputs: inputs.after } };
    },
  );
  const releases = paired(
    before.releases,
    after.releases,
    ({ name }) => name,
    (was, is) => {
      const values = maskValues(was.values, is.values);
      return { before: { ...was, values: values.before }, after: { ...is, values: values.after } };
    },
  );
  const outputs = maskFields(before.outputs, after.outputs);
  return {
    before: {
      ...before,
      nodes: nodes.before,
      resources: resources.before,
      releases: releases.before,
      outputs: outputs.before,
    },
    after: {
      ...after,
      nodes: nodes.after,
      resources: resources.after,
      releases: releases.after,
      outputs: outputs.after,
    },
  };
}

/** Two values, in each of which is masked what is a secret in either. */
export function maskValues(before: PlanValue, after: PlanValue): Pair<PlanValue> {
  if (isSecret(before) || isSecret(after)) {
    return { before: maskAs(before, after), after: maskAs(after, before) };
  }
  if (typeof before === "string" && typeof after === "string") return maskTexts(before, after);
  if (isList(before) && isList(after)) return maskLists(before, after);
  if (isFields(before) && isFields(after)) return maskFields(before, after);
  return { before, after };
}

function maskAs(value: PlanValue, other: PlanValue): PlanValue {
  return isSecret(value) || !isSecret(other) ? value : PLAIN_SECRET;
}

/** The mark alone, or with what may be said of it. */
function isSecret(value: PlanValue): boolean {
  return typeof value === "string" && /^\[secret\](?:$|, )/.test(value);
}

function maskFields(before: Fields, after: Fields): Pair<Fields> {
  const pairs = Object.entries(before).flatMap(([key, was]) => {
    // Every object has a `constructor`, but not as its own.
    const is = Object.hasOwn(after, key) ? after[key] : undefined;
    return is === undefined ? [] : [[key, maskValues(was, is)] as const];
  });
  return {
    before: { ...before, ...Object.fromEntries(pairs.map(([key, pair]) => [key, pair.before])) },
    after: { ...after, ...Object.fromEntries(pairs.map(([key, pair]) => [key, pair.after])) },
  };
}

/** Which entry was which is not known where there are more or fewer: then a secret in one masks all that the other has anew. */
function maskLists(before: readonly PlanValue[], after: readonly PlanValue[]): Pair<PlanValue> {
  if (before.length === after.length) {
    const pairs = before.map((was, index) => maskValues(was, after[index] ?? null));
    return { before: pairs.map((pair) => pair.before), after: pairs.map((pair) => pair.after) };
  }
  return { before: maskUnlike(before, after), after: maskUnlike(after, before) };
}

function maskUnlike(list: readonly PlanValue[], other: readonly PlanValue[]): readonly PlanValue[] {
  if (!JSON.stringify(other).includes(SECRET_MARK)) return list;
  const there = new Set(other.map((each) => JSON.stringify(each)));
  return list.map((each) => {
    const text = JSON.stringify(each);
    return there.has(text) || text.includes(SECRET_MARK) ? each : PLAIN_SECRET;
  });
}

/** Two texts of the same making, such as a file. */
export function maskTexts(before: string, after: string): Pair<string> {
  return { before: maskText(before, after), after: maskText(after, before) };
}

/** A text whose lines do not show what the other one hides in lines that begin alike. */
function maskText(text: string, other: string): string {
  if (!other.includes(SECRET_MARK)) return text;
  const lines = other.split("\n");
  const there = new Set(lines);
  const starts = lines
    .filter((line) => line.includes(SECRET_MARK))
    .map((line) => line.slice(0, line.indexOf(SECRET_MARK)).replace(/["']?$/, ""));
  const isHidden = (line: string): boolean => starts.some((start) => start.trim() === "" || line.startsWith(start));
  return text
    .split("\n")
    .map((line) => {
      if (there.has(line) || line.includes(SECRET_MARK) || line === "" || !isHidden(line)) return line;
      const start = starts.filter((each) => line.startsWith(each)).reduce((a, b) => (b.length > a.length ? b : a), "");
      return `${start}${PLAIN_SECRET}`;
    })
    .join("\n");
}

function maskNodes(before: PlanNode, after: PlanNode): Pair<PlanNode> {
  const files = paired(
    before.files,
    after.files,
    ({ path }) => path,
    (was, is) => {
      const content = maskTexts(was.content, is.content);
      return { before: { ...was, content: content.before }, after: { ...is, content: content.after } };
    },
  );
  const steps = paired(
    before.steps,
    after.steps,
    ({ name }) => name,
    (was, is) => {
      const facts = maskFields(was.facts, is.facts) as Pair<Readonly<Record<string, string>>>;
      return { before: { ...was, facts: facts.before }, after: { ...is, facts: facts.after } };
    },
  );
  return {
    before: { ...before, files: files.before, steps: steps.before },
    after: { ...after, files: files.after, steps: steps.after },
  };
}

/** Two lists with each pair of the same key replaced; the rest stays as it is. */
function paired<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (one: T) => string,
  mask: (was: T, is: T) => Pair<T>,
): Pair<T[]> {
  const now = new Map(after.map((one) => [keyOf(one), one]));
  const masked = new Map<string, Pair<T>>();
  for (const one of before) {
    const is = now.get(keyOf(one));
    if (is !== undefined) masked.set(keyOf(one), mask(one, is));
  }
  return {
    before: before.map((one) => masked.get(keyOf(one))?.before ?? one),
    after: after.map((one) => masked.get(keyOf(one))?.after ?? one),
  };
}

function isFields(value: PlanValue): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: PlanValue): value is readonly PlanValue[] {
  return Array.isArray(value);
}
