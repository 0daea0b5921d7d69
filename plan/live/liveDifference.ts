import { comparePlans } from "../compare/compare";
import type { Change, Difference } from "../compare/difference";
import { DRIFT, overdue, partlyOverdue } from "../compare/origin";
import { kindOf } from "../compare/subjects";
import { NODE_TYPE } from "../run/nodes";
import { COMMAND_TYPE } from "../run/registration";
import { livePlans, type LivePlans } from "./livePlans";
import type { Preview } from "./preview";
import { scrub } from "./scrub";

/** Names in one sentence; the rest is counted. */
const MOST_NAMES = 10;

/**
 * What `up` would do now to what is there, from the engine's own preview: in the same words as between two revisions, because both
 * sides are made plans of the same form. What is no part of a change under review is named as such.
 *
 * @param base The difference between the change's base and its head, where that is known.
 */
export function liveDifference(preview: Preview, base?: Difference): Difference {
  const plans = livePlans(preview);
  const failed = preview.errors.length > 0;
  // Of a preview that failed, what is there is known no further than what is to be.
  const isNew = !failed && plans.sides.live.length === 0;
  const compared = comparePlans(isNew ? undefined : plans.live, plans.head, againstOf(preview));
  const found = { ...compared, changes: [...compared.changes, ...unseen(plans, compared)] };
  const { drift } = plans;
  const drifted = new Set(drift === undefined ? [] : comparePlans(drift.recorded, drift.found, "").changes.map(keyOf));
  // Nothing of a stack that no 'up' has made is there yet, and that is said once.
  const known = { drifted, base: isNew ? undefined : base };
  const changes = found.changes.map((change) => noted(change, plans, known));
  const { line, hosts, bites } = found.verdict;
  return {
    ...found,
    view: "live",
    ...(failed ? { failed } : {}),
    warnings: [
      ...preview.errors.map((error) => `the preview failed: ${oneLine(scrub(error, plans.sides.secrets))}`),
      ...(failed ? ["what is shown is what was known until then"] : []),
      ...(plans.unread.length === 0
        ? []
        : [
            `scripts of another release of Groundwork, which cannot be read: ${listed(plans.unread)}; whether k3s restarts there is not known`,
          ]),
    ],
    verdict: {
      line: failed
        ? `the preview failed${changes.length === 0 ? "" : `; known until then: ${line}`}`
        : lineOf(line, plans, changes),
      hosts,
      bites: [...driftBites(changes), ...replaceBites(plans, changes), ...bites],
    },
    changes,
  };
}

function againstOf({ refreshed }: Preview): string {
  return refreshed ? "what is there now" : "what the last 'up' recorded";
}

/** What the engine changes and nothing here shows, such as a secret that is part of something larger: it is said, and no more. */
function unseen({ sides }: LivePlans, { changes }: Difference): Change[] {
  const shown = new Set(changes.map(keyOf));
  const nodes = new Set(changes.filter(({ kind }) => kind === "node").map(({ name }) => name));
  const names = new Map(sides.head.map((each) => [each.urn, each]));
  return [...sides.changed].flatMap(([urn, keys]): Change[] => {
    const resource = names.get(urn);
    if (resource === undefined || resource.type === NODE_TYPE) return [];
    const { type, name } = resource;
    const parent = names.get(resource.parent);
    const isStep = type === COMMAND_TYPE && parent?.type === NODE_TYPE;
    if (isStep ? nodes.has(parent.name) : shown.has(keyOf({ kind: kindOf(type), type, name }))) return [];
    return [
      {
        kind: kindOf(type),
        name,
        type,
        action: "changed",
        notes: [`changes in what is not shown: ${keys.join(", ")}`],
        documents: [],
      },
    ];
  });
}

interface Known {
  /** Keys of what is not as the last `up` left it. */
  readonly drifted: ReadonlySet<string>;
  readonly base: Difference | undefined;
}

function noted(change: Change, plans: LivePlans, known: Known): Change {
  const notes = [...replaceNotes(change, plans), ...originNotes(change, known)];
  return notes.length === 0 ? change : { ...change, notes: [...change.notes, ...notes] };
}

/** Where a change comes from, if not from the one that is under review. */
function originNotes(change: Change, { drifted, base }: Known): string[] {
  const key = keyOf(change);
  const drift = drifted.has(key) ? [DRIFT] : [];
  if (base === undefined || change.kind === "roll-out") return drift;
  const same = base.changes.find((each) => keyOf(each) === key);
  if (same === undefined) {
    return drift.length > 0 ? drift : [overdue(base.against)];
  }
  const known = new Set(linesOf(same));
  const more = same.action === "changed" ? linesOf(change).filter((line) => !known.has(line)).length : 0;
  return [...drift, ...(more > 0 && drift.length === 0 ? [partlyOverdue(more)] : [])];
}

function replaceNotes({ type, name }: Change, { sides }: LivePlans): string[] {
  const found = sides.head.find((each) => each.type === type && each.name === name);
  const keys = found === undefined ? undefined : sides.replaced.get(found.urn);
  if (keys === undefined) return [];
  return [`is deleted and made anew${keys.length === 0 ? "" : `, because of ${keys.join(", ")}`}`];
}

function replaceBites(plans: LivePlans, changes: readonly Change[]): string[] {
  return changes.flatMap((change) => replaceNotes(change, plans).map((note) => `replaced: ${change.name} ${note}`));
}

function driftBites(changes: readonly Change[]): string[] {
  const names = changes.filter(({ notes }) => notes.includes(DRIFT)).map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        `drift: ${listed(names)} ${names.length === 1 ? "is" : "are"} not as the last 'up' left ${names.length === 1 ? "it" : "them"}; the next one sets that right`,
      ];
}

function lineOf(line: string, plans: LivePlans, changes: readonly Change[]): string {
  const drift = changes.filter(({ notes }) => notes.includes(DRIFT)).length;
  const anew = changes.filter((change) => replaceNotes(change, plans).length > 0).map(({ name }) => name);
  const deleted =
    anew.length === 0
      ? line
      : line.replace(
          /nothing is deleted$|$/,
          (end) => `${end === "" ? "; " : ""}deleted and made anew: ${listed(anew)}`,
        );
  return drift === 0 ? deleted : `${deleted}; drift in ${drift}`;
}

function oneLine(text: string): string {
  return text.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
}

function keyOf({ kind, type, name }: Pick<Change, "kind" | "type" | "name">): string {
  return `${kind} ${type} ${name}`;
}

function linesOf({ documents }: Change): string[] {
  return documents.flatMap(({ name, hunks }) =>
    hunks.flatMap(({ lines }) =>
      lines.filter(({ sign }) => sign !== " ").map(({ sign, text }) => `${name}\0${sign}${text}`),
    ),
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more <= 0 ? names.join(", ") : `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more`;
}
