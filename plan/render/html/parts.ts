import { stringify } from "yaml";
import type { DocumentChange } from "../../compare/difference";
import type { DiffLine } from "../../compare/lineDiff";
import type { PlanValue } from "../../values";
import { linesOf } from "../layout";
import type { Rows } from "../planRows";
import { element, type Content, type Made } from "./element";

/** Characters of a line that are shown; a browser does not bear lines of any length. */
const LONGEST_LINE = 10_000;

/** A part of the page with its heading; it is left out where it has nothing. */
export interface Section {
  /** Its address on the page: `#nodes`. */
  readonly id: string;
  readonly title: string;
  readonly content: readonly Content[];
}

/** A table of texts; a column that is empty in every row is left out. */
export function dataTable(caption: string, { header, rows }: Rows): Made {
  const shown = header.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, column) => shown[column] === true);
  return contentTable(
    caption,
    kept(header),
    rows.map((row) => kept(header.map((_, column) => row[column] ?? ""))),
  );
}

/** A table that is reached by the keyboard where it is wider than the page; the first cell of a row names it. */
export function contentTable(caption: string, header: readonly string[], rows: readonly (readonly Content[])[]): Made {
  return wide(
    caption,
    element(
      "table",
      {},
      element("caption", { class: "unseen" }, caption),
      element("thead", {}, element("tr", {}, ...header.map(columnHead))),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element(
            "tr",
            {},
            ...row.map((cell, index) =>
              index === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, cell),
            ),
          ),
        ),
      ),
    ),
  );
}

/** `In cluster`, but `k3s` as it is written. */
export function columnHead(text: string): Made {
  return element("th", { scope: "col" }, text === "k3s" ? text : text.charAt(0).toUpperCase() + text.slice(1));
}

/** Something that may be wider than the page: it scrolls, by the keyboard too. */
export function wide(label: string, content: Content): Made {
  return element("div", { class: "wide", role: "region", "aria-label": label, tabindex: 0 }, content);
}

export function details(title: Content, ...body: readonly Content[]): Made {
  return element("details", {}, element("summary", {}, title), ...body);
}

/** Lines as they are. */
export function codeBlock(text: string): Made {
  return element("pre", {}, element("code", {}, linesOf(text).map(cut).join("\n")));
}

export function yamlBlock(value: PlanValue): Made {
  return codeBlock(stringify(value, { lineWidth: 0 }));
}

/** Lines that come and go, the sign first, as elements of which a screen reader tells the kind. */
export function lineBlock(lines: readonly DiffLine[]): Made {
  const tags = { "+": "ins", "-": "del", " ": "span" } as const;
  return element(
    "pre",
    { class: "lines" },
    lines.map(({ sign, text }) => [element(tags[sign], {}, `${sign}${cut(text)}`), "\n"]),
  );
}

/** A document of a change with its name. */
export function documentBlock({ name, hunks }: DocumentChange): Content {
  const needsPlaces = hunks.length > 1 && hunks.some(({ lines }) => lines.some(({ sign }) => sign === " "));
  return [
    element("p", { class: "document" }, element("code", {}, name)),
    hunks.map(({ place, lines }) => [
      needsPlaces ? element("p", { class: "place" }, element("code", {}, place)) : undefined,
      lineBlock(lines),
    ]),
  ];
}

export function list(items: readonly Content[], attributes: Readonly<Record<string, string>> = {}): Made {
  return element("ul", attributes, ...items.map((item) => element("li", {}, item)));
}

/** Names and what they stand for. */
export function terms(all: readonly (readonly [label: string, text: Content])[]): Made {
  return element(
    "dl",
    {},
    ...all.map(([label, text]) => element("div", {}, element("dt", {}, label), element("dd", {}, text))),
  );
}

function cut(line: string): string {
  const more = line.length - LONGEST_LINE;
  return more <= 0 ? line : `${line.slice(0, LONGEST_LINE)}… (${more} characters more)`;
}
