import { CHANGE_KINDS, DIFFERENCE_FORMAT, type Change, type Difference, type DocumentChange } from "./difference";
import { hunksOf, type Hunk } from "./lineDiff";
import type { Plan } from "../model";
import { SETTINGS_DOCUMENT } from "./documents";
import { addedNotes, changedNotes, removedNotes } from "./nodeNotes";
import { concernsLost, lostNotes } from "./lostNodes";
import { byText, firstOf } from "../order";
import { structureLines } from "./structure";
import { subjectsOf, type Document, type Subject } from "./subjects";
import { restartLines } from "./restarts";
import { maskPlans } from "./maskSecrets";
import { riskyChanges } from "./riskyChanges";
import { verdictOf } from "./verdict";

/** Lines of the same text around those that differ; a node's words need none, each is a line with its name. */
const CONTEXT = 2;

/**
 * What turns one plan into another, by node and resource and then by file. Pure.
 *
 * @param earlier The plan of the older revision, or undefined when the stack is new.
 */
export function comparePlans(earlier: Plan | undefined, now: Plan, against: string): Difference {
  const { before, after } = earlier === undefined ? { before: earlier, after: now } : maskPlans(earlier, now);
  const old = before === undefined ? new Map<string, Subject>() : subjectsOf(before);
  const subjects = subjectsOf(after);
  const sameNodes = namesOf(before).join() === namesOf(after).join();
  const found = [...new Set([...subjects.keys(), ...old.keys()])]
    .flatMap((key) => change(old.get(key), subjects.get(key)) ?? [])
    // With other nodes the order differs of itself.
    .filter(({ kind }) => kind !== "roll-out" || sameNodes);
  const changes = inOrder(found, [...namesOf(after), ...namesOf(before)]);
  const risky = riskyChanges(before, after);
  return {
    format: DIFFERENCE_FORMAT,
    project: after.project,
    stack: after.stack,
    against,
    warnings: [],
    risky,
    verdict: verdictOf(before, after, { changes, risky }),
    restarts: restartLines(before, after),
    changes,
  };
}

function change(before: Subject | undefined, after: Subject | undefined): Change | undefined {
  const subject = after ?? before;
  if (subject === undefined) return undefined;
  const { kind, name, type } = subject;
  if (concernsLost(before, after)) {
    const notes = lostNotes(before?.node, after?.node);
    const action = after === undefined ? "removed" : before === undefined ? "added" : "changed";
    return notes.length === 0 ? undefined : { kind, name, type, action, notes, documents: [] };
  }
  if (before === undefined) {
    return {
      kind,
      name,
      type,
      action: "added",
      notes: addedNotes(subject),
      documents: documentChanges(undefined, after),
    };
  }
  if (after === undefined) return { kind, name, type, action: "removed", notes: removedNotes(before), documents: [] };
  const documents = documentChanges(before, after);
  const notes = changedNotes(before, after);
  return documents.length === 0 && notes.length === 0
    ? undefined
    : { kind, name, type, action: "changed", notes, documents };
}

function documentChanges(before: Subject | undefined, after: Subject | undefined): DocumentChange[] {
  const subject = after ?? before;
  const names = new Set([...(after?.documents.keys() ?? []), ...(before?.documents.keys() ?? [])]);
  return [...names].flatMap((name) => {
    const context = subject?.kind === "node" && name === SETTINGS_DOCUMENT ? 0 : CONTEXT;
    const hunks = hunksBetween(before?.documents.get(name), after?.documents.get(name), context);
    return hunks.length === 0 ? [] : [{ name, hunks }];
  });
}

/** Values by their structure, texts by their lines. */
function hunksBetween(before: Document | undefined, after: Document | undefined, context: number): Hunk[] {
  if ((before !== undefined && "value" in before) || (after !== undefined && "value" in after)) {
    const [old, now] = [before, after].map((document) =>
      document !== undefined && "value" in document ? document.value : undefined,
    );
    const lines = structureLines(old ?? {}, now ?? {});
    return lines.length === 0 ? [] : [{ place: "", lines }];
  }
  const [old = "", now = ""] = [before?.text, after?.text];
  return old === now ? [] : hunksOf(old, now, context);
}

function inOrder(changes: readonly Change[], nodes: readonly string[]): Change[] {
  const place = new Map([...nodes.entries()].reverse().map(([index, name]) => [name, index]));
  const nodeRank = ({ kind, name }: Change): number => (kind === "node" ? (place.get(name) ?? 0) : 0);
  return [...changes].sort((a, b) =>
    firstOf(
      CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind),
      nodeRank(a) - nodeRank(b),
      byText(a.name, b.name),
      byText(a.type, b.type),
    ),
  );
}

function namesOf(plan: Plan | undefined): string[] {
  return plan?.nodes.map((node) => node.name) ?? [];
}
