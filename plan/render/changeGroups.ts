import type { Change, Difference, DocumentChange } from "../compare/difference";

/** Changes that are the same but for the name: one setting that reaches many nodes is read once. */
export interface ChangeGroup {
  readonly names: readonly string[];
  readonly change: Change;
}

export function groupChanges({ changes }: Difference): ChangeGroup[] {
  const groups = new Map<string, [Change, ...Change[]]>();
  for (const change of changes) {
    const { kind, type, action, notes } = change;
    const key = JSON.stringify([kind, type, action, notes, generalised(change).map(differing)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()].map((members) => {
    const [change] = members;
    const names = members.map(({ name }) => name);
    // A group of one keeps its own words.
    return members.length > 1 ? { names, change: { ...change, documents: inCommon(members) } } : { names, change };
  });
}

/** `script atlas-drain` of every node is the same script. */
function generalised({ name, documents }: Change): Change["documents"] {
  return documents.map((document) =>
    document.name.startsWith("script ") ? { ...document, name: document.name.replace(name, "<node>") } : document,
  );
}

/** What tells two documents apart: of a text the lines that differ, and not those around them, such as a node's own address. */
function differing({ name, hunks }: DocumentChange): unknown {
  return [
    name,
    hunks.map(({ place, lines }) =>
      lines.filter(({ sign }) => sign !== " " || place === "").map(({ sign, text }) => sign + text),
    ),
  ];
}

/** The documents of a group: of the lines around those that differ only those that all have. */
function inCommon(members: readonly [Change, ...Change[]]): Change["documents"] {
  const [first, ...others] = members.map(generalised);
  return (first ?? []).map((document, at) => ({
    ...document,
    hunks: document.hunks.map((hunk, number) => {
      const around = others.map((documents) => new Set(documents[at]?.hunks[number]?.lines.map(({ text }) => text)));
      const lines = hunk.lines.filter(({ sign, text }) => sign !== " " || around.every((texts) => texts.has(text)));
      return lines.length === hunk.lines.length ? hunk : { ...hunk, lines };
    }),
  }));
}

/** `2 nodes changed, 1 release added`: the whole difference in a line. */
export function countLine({ changes }: Difference): string {
  if (changes.length === 0) return "no differences";
  const counts = new Map<string, number>();
  for (const { kind, action } of changes) counts.set(`${kind} ${action}`, (counts.get(`${kind} ${action}`) ?? 0) + 1);
  return [...counts]
    .map(([what, number]) => {
      const [kind = "", action = ""] = what.split(" ");
      return `${number} ${kind}${number === 1 ? "" : "s"} ${action}`;
    })
    .join(", ");
}

/** What a group is called: `atlas, birch (nodes)`, `apps (kubernetes:core/v1:ResourceQuota)`. */
export function groupTitle({ names, change: { kind, type } }: ChangeGroup): string {
  if (kind === "roll-out") return "Roll-out order";
  const what = kind === "resource" ? type : `${kind}${names.length === 1 ? "" : "s"}`;
  return `${names.join(", ")} (${what})`;
}
