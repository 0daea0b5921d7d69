/**
 * Markdown from texts that anybody may have written: names, notes and files of a pull request's code. It is escaped here,
 * where Markdown is made, and nowhere else: what was text stays text, notifies nobody, and loads and hides nothing.
 */

/** Not seen, or turning the direction of what is: control and format characters, odd line ends, half characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** Markup, as Markdown and as HTML, and what makes a link of an address. */
const MARKUP = /[&<>`*_~|[\]\\$]|:(?=\/\/)|(?<=www)\./gi;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** What is markup at the start of a line only; GitLab takes `/close` for an order. */
const LINE_START = /^(?:[-+=#:/]|\d{1,9}(?=[.)](?:\s|$)))/;

/** Where a forge would see a person or another issue, which it notifies: `@name`, `#12`, `!12`, `&12`, `GH-12`, `…/issues/12`. */
const REFERENCE =
  /(?<![a-z0-9])@(?=[\w-])|[#!&](?=\d)|(?<![a-z0-9])GH-(?=\d)|\/(?:issues|pulls?|discussions)\/(?=\d)/gi;

/** Invisible, and no part of a name. */
const WORD_JOINER = "\u2060";

/** A text in a line, a cell or a summary: one line, and nothing in it is markup. */
export function inline(text: string): string {
  return withoutReferences(joined(text))
    .replace(MARKUP, entity)
    .replace(LINE_START, (start) => Array.from(start, entity).join(""));
}

/** A text of at most so many characters. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** A text as code in a line, but not in a table. */
export function code(text: string): string {
  const content = withoutReferences(joined(text));
  const mark = "`".repeat(longestRun(content, 0) + 1);
  const space = content === "" || content.startsWith("`") || content.endsWith("`") ? " " : "";
  return `${mark}${space}${content}${space}${mark}`;
}

/** A block of code whose fence is longer than any in it. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const shown = lines.map((line) => line.split("\t").map(visible).join("\t"));
  const fence = "`".repeat(longestRun(shown.join("\n"), 2) + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Something to open. */
export function details(title: string, body: readonly string[]): string {
  return [`<details><summary>${inline(title)}</summary>`, "", ...body, "</details>", ""].join("\n");
}

/** A table; a column that is empty in every row is left out. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = header.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const line = (cells: readonly string[]): string =>
    `| ${header.flatMap((_, column) => (shown[column] === true ? [inline(cells[column] ?? "")] : [])).join(" | ")} |`;
  return [line(header), `| ${shown.flatMap((is) => (is ? ["---"] : [])).join(" | ")} |`, ...rows.map(line)];
}

/** A text on one line. */
function joined(text: string): string {
  return visible(text.trim().replace(/\s+/g, " "));
}

function withoutReferences(text: string): string {
  return text.replace(REFERENCE, `$&${WORD_JOINER}`);
}

/** Characters that are not seen, as their numbers. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** An entity is never taken for markup (CommonMark 0.31, section 2.5), in a table and in HTML neither. */
function entity(character: string): string {
  return ENTITIES[character] ?? `&#${character.charCodeAt(0)};`;
}

/** Length of the longest run of backticks, and at least so many. */
function longestRun(text: string, least: number): number {
  return Array.from(text.matchAll(/`+/g), ([run]) => run.length).reduce((a, b) => Math.max(a, b), least);
}
