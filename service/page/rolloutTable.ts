import { element, type Content, type Made } from "../../plan/render/html/element";
import { wide } from "../../plan/render/html/parts";
import type { Group, Rollout, Row } from "./rollout";
import { clock, count, duration, mark, since } from "./words";

/** The roll-out's place on the page, to which groups are added. */
export const ROLLOUT = "timeline";

/** All that is known of a run, by machine. @param isOver Whether the run has ended, so that nothing is at work any more. */
export function rolloutList({ groups }: Rollout, isOver: boolean): Made {
  return element("ol", { id: ROLLOUT, class: "timeline" }, ...groups.map((group) => groupItem(group, isOver)));
}

export function groupItem(group: Group, isOver: boolean): Made {
  return element(
    "li",
    { id: group.id },
    groupHead(group, isOver),
    wide(
      `Table of ${group.node === "" ? "the cluster" : group.node}`,
      element(
        "table",
        { class: "steps" },
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...["Resource", "State", "Started", "Took"].map((title) => element("th", { scope: "col" }, title)),
          ),
        ),
        element("tbody", { id: rowsOf(group) }, ...group.rows.map((row) => rowItem(row, isOver))),
      ),
    ),
  );
}

/** The name of a group's place for rows. */
export function rowsOf({ id }: Group): string {
  return `${id}-rows`;
}

export function groupHead({ id, node, rows }: Group, isOver: boolean): Made {
  return element(
    "h3",
    { id: `${id}-head` },
    node === "" ? "The cluster itself" : node,
    element("span", { class: "kind" }, ` ${groupWords(rows, isOver)}`),
  );
}

function groupWords(rows: readonly Row[], isOver: boolean): string {
  const of = (state: Row["state"]): number => rows.filter((row) => row.state === state).length;
  if (of("failed") > 0) return `${of("failed")} failed`;
  if (rows.every(({ state }) => state === "planned")) return count(rows.length, "change");
  if (of("done") === rows.length) {
    const starts = rows.flatMap(({ startedAt }) => startedAt ?? []).sort();
    const ends = rows.flatMap(({ endedAt }) => endedAt ?? []).sort();
    return `all done${starts[0] === undefined ? "" : ` in ${duration(starts[0], ends.at(-1) ?? starts[0])}`}`;
  }
  if (of("waiting") === rows.length) return isOver ? "was not begun" : "waits";
  return `${of("done")} of ${rows.length} done`;
}

export function rowItem(row: Row, isOver: boolean): Made {
  const { id, name, type, startedAt, endedAt } = row;
  return element(
    "tr",
    { id },
    element("th", { scope: "row" }, name, element("span", { class: "kind" }, ` ${shortType(type)}`)),
    element("td", {}, stateMark(row, isOver)),
    element("td", {}, startedAt === undefined ? undefined : clock(startedAt)),
    element("td", {}, tookWords(startedAt, endedAt, isOver)),
  );
}

function tookWords(startedAt: string | undefined, endedAt: string | undefined, isOver: boolean): Content {
  if (startedAt === undefined) return undefined;
  if (endedAt !== undefined) return duration(startedAt, endedAt);
  return isOver ? undefined : since(startedAt);
}

function stateMark({ state, operation }: Row, isOver: boolean): Made {
  const [doing, does] = WORDS[operation] ?? [operation, operation];
  switch (state) {
    case "waiting":
      return mark(state, isOver ? "not begun" : "waiting");
    case "planned":
      return mark("waiting", does);
    case "working":
      // Its end was not told: the run was interrupted or cancelled in the middle of it.
      return isOver ? mark("unknown", `${doing}: end not known`) : mark(state, doing);
    case "done":
      return mark(state, "done");
    default:
      return mark(state, "failed");
  }
}

/** The engine's words for what is under way, and for what is to be done. */
const WORDS: Readonly<Record<string, readonly [doing: string, does: string] | undefined>> = {
  create: ["creating", "create"],
  update: ["updating", "update"],
  delete: ["deleting", "delete"],
  replace: ["replacing", "replace"],
  "create-replacement": ["replacing", "replace"],
  "delete-replaced": ["replacing", "replace"],
  refresh: ["reading", "read"],
  read: ["reading", "read"],
};

/** `remote:Command` of `command:remote:Command`. */
function shortType(type: string): string {
  return type.split(":").slice(-2).join(":");
}
