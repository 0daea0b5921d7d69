import type { Difference } from "../compare/difference";
import { countLine, groupChanges, groupTitle, type ChangeGroup } from "./changeGroups";
import { diffLines, readDocuments } from "./differenceText";
import { fitting } from "./fitting";
import { code, details, fenced, inline, shortened } from "./markdownParts";

/** Rows of the table; the rest is counted. */
const MOST_ROWS = 60;

/** Longest text in a cell of the table, in characters. */
const LONGEST_CELL = 200;

/** Longest line on what restarts, in characters: a hundred agents may be in one. */
const LONGEST_LINE = 2000;

export interface DifferenceMarkdownOptions {
  /** Length that it may have, in characters; by default what a comment holds. */
  readonly longest?: number;
  /** Where all of it is found when parts are left out, in Markdown. */
  readonly allOfIt?: string;
}

/**
 * A difference for a pull request: warnings and a table first, then each change to be opened. What does not fit is left
 * out as whole parts, which are counted.
 */
export function renderDifferenceMarkdown(
  difference: Difference,
  { longest, allOfIt = code(`groundwork plan --against ${difference.against}`) }: DifferenceMarkdownOptions = {},
): string {
  const groups = groupChanges(difference);
  const head = [
    `### Groundwork plan: stack ${code(difference.stack)}`,
    "",
    `Against ${code(difference.against)}: **${countLine(difference)}**.`,
    "",
  ].join("\n");
  const parts = [
    ...difference.warnings.map((warning) => `\n> ⚠️ ${inline(warning)}\n`),
    ...difference.risky.map(
      ({ what, happens, remedy }) =>
        `\n> ⚠️ **Risky: ${inline(what)}**\n> ${inline(capital(happens))}. What to do: ${inline(remedy)}.\n`,
    ),
    ...restartPart(difference),
    ...(groups.length === 0 ? [] : [table(groups)]),
    ...groups.map(groupPart).filter((part) => part !== ""),
  ];
  return fitting(head, parts, { longest, allOfIt });
}

/** As a block, because a list would need its texts to be those of a list. */
function restartPart({ restarts }: Difference): string[] {
  if (restarts.length === 0) return [];
  const lines = restarts.slice(0, MOST_ROWS).map((line) => shortened(line, LONGEST_LINE));
  const more = restarts.length - MOST_ROWS;
  const block = fenced("text", [...lines, ...(more > 0 ? [`and ${more} more`] : [])]);
  return [["", "k3s restarts, in this order:", "", ...block, ""].join("\n")];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function table(groups: readonly ChangeGroup[]): string {
  const rows = groups.slice(0, MOST_ROWS).map((group) => {
    const { action, notes } = group.change;
    const sign = { added: "➕", removed: "➖", changed: "✏️" }[action];
    return `| ${sign} ${action} | ${cell(shortTitle(group))} | ${cell(notes.join("; "))} |`;
  });
  const more = groups.length - MOST_ROWS;
  return [
    "",
    "| | what | what happens |",
    "|---|---|---|",
    ...rows,
    ...(more > 0 ? [`| | and ${more} more | |`] : []),
    "",
  ].join("\n");
}

function cell(text: string): string {
  return inline(shortened(text, LONGEST_CELL));
}

/** Many names would be a wall. */
function shortTitle(group: ChangeGroup): string {
  const { names } = group;
  if (names.length <= 6) return groupTitle(group);
  return groupTitle({ ...group, names: [...names.slice(0, 5), `${names.length - 5} more`] });
}

function groupPart(group: ChangeGroup): string {
  const body = readDocuments(group).flatMap((document) => [
    `**${code(document.name)}**`,
    "",
    ...fenced("diff", diffLines(document)),
    "",
  ]);
  return body.length === 0 ? "" : `\n${details(`${shortTitle(group)} ${group.change.action}`, body)}`;
}
