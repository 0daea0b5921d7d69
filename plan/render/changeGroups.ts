import type { Change, Difference } from "../compare/difference";

/** Changes that are the same but for the name: one setting that reaches many nodes is read once. */
export interface ChangeGroup {
  readonly names: readonly string[];
  readonly change: Change;
}

export function groupChanges({ changes }: Difference): ChangeGroup[] {
  const groups = new Map<string, { names: string[]; change: Change }>();
  for (const change of changes) {
    const key = JSON.stringify([change.kind, change.type, change.action, change.notes, generalised(change)]);
    const group = groups.get(key) ?? { names: [], change };
    groups.set(key, group);
    group.names.push(change.name);
  }
  // A group of one keeps its own words.
  return [...groups.values()].map(({ names, change }) =>
    names.length > 1 ? { names, change: { ...change, documents: generalised(change) } } : { names, change },
  );
}

/** `script atlas-drain` of every node is the same script. */
function generalised({ name, documents }: Change): Change["documents"] {
  return documents.map((document) =>
    document.name.startsWith("script ") ? { ...document, name: document.name.replace(name, "<node>") } : document,
  );
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
