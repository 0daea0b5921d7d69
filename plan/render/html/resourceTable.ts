import { element, type Content, type Made } from "./element";
import { columnHead, wide } from "./parts";

/** A row of the table that is searched. */
export interface ResourceRow {
  readonly action?: keyof typeof ACTIONS;
  readonly name: string;
  readonly type: string;
  readonly more: Content;
}

const ACTIONS = {
  added: "+ added",
  removed: "− removed",
  changed: "~ changed",
  replaced: "± replaced",
  same: "unchanged",
} as const;

/**
 * A table with a search above it. What is unchanged is hidden by style alone, so that it can be shown without the script; the search
 * needs the script, and is not there without it.
 */
export function resourceTable(rows: readonly ResourceRow[]): Made | undefined {
  if (rows.length === 0) return undefined;
  const hasActions = rows.some(({ action }) => action !== undefined);
  const hasSame = rows.some(({ action }) => action === "same");
  return element(
    "div",
    { class: "filtered" },
    element(
      "div",
      { class: "filters", role: "search", "aria-label": "Resources" },
      element("label", { hidden: true }, "Search ", element("input", { type: "search", autocomplete: "off" })),
      hasSame
        ? element("label", {}, element("input", { type: "checkbox", class: "all" }), "Show unchanged")
        : undefined,
      element("span", { role: "status" }),
    ),
    wide(
      "Table of resources",
      element(
        "table",
        {},
        element("caption", { class: "unseen" }, "Resources"),
        element(
          "thead",
          {},
          element("tr", {}, ...["name", "type", hasActions ? "what happens" : "more"].map(columnHead)),
        ),
        element("tbody", {}, ...rows.map(rowOf)),
      ),
    ),
  );
}

function rowOf({ action, name, type, more }: ResourceRow): Made {
  const mark = action === undefined ? undefined : element("span", { class: `mark ${action}` }, ACTIONS[action]);
  return element(
    "tr",
    { class: action === "same" ? "same" : undefined },
    element("th", { scope: "row" }, name),
    element("td", {}, type),
    element("td", {}, mark, " ", more),
  );
}
