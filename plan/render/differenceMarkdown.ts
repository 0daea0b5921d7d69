import type { Difference } from "../compare/difference";
import { groupChanges, groupTitle, type ChangeGroup } from "./changeGroups";
import { diffLines, readDocuments } from "./differenceText";
import { fitting, type Part } from "./fitting";
import { code, details, fenced, inline, shortened } from "./markdownParts";
import { verdictLine, verdictMarkdown } from "./verdictParts";

/** Rows of the table; the rest is counted. */
const MOST_ROWS = 60;

/** Longest text in a cell of the table, in characters. */
const LONGEST_CELL = 200;

/** The same of a warning's texts, and of the name of what is compared with. */
const LONGEST_SENTENCE = 1000;

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
  { longest, allOfIt = code(commandOf(difference)) }: DifferenceMarkdownOptions = {},
): string {
  const groups = groupChanges(difference);
  // What happens to a machine is in the table of hosts.
  const hosts = new Set(difference.verdict.hosts.map(({ name }) => name));
  const listed = groups.filter(
    ({ names, change }) => change.kind !== "node" || !names.every((name) => hosts.has(name)),
  );
  const head = [
    `### ${difference.view === "live" ? "Live preview" : "Groundwork plan"}: stack ${code(difference.stack)}`,
    "",
    `Against ${againstOf(difference)}: **${inline(verdictLine(difference))}**.`,
    "",
  ].join("\n");
  const first = [
    ...difference.warnings.map((warning) => `\n> ⚠️ ${sentence(warning)}\n`),
    ...difference.risky.map(
      ({ what, happens, remedy }) =>
        `\n> ⚠️ **Risky: ${sentence(what)}**\n> ${sentence(capital(happens))}. What to do: ${sentence(remedy)}.\n`,
    ),
    ...verdictMarkdown(difference),
    ...(listed.length === 0 ? [] : [table(listed)]),
  ].map((text): Part => ({ text }));
  const changes = groups.flatMap(groupPart);
  return fitting(head, [...first, ...changes], { longest, allOfIt, uncounted: first.length, what: "changes" });
}

/** A revision is code, what is live is said in words. */
function againstOf({ view, against }: Difference): string {
  const shown = shortened(against, LONGEST_CELL);
  return view === "live" ? inline(shown) : code(shown);
}

function commandOf({ view, stack, against }: Difference): string {
  return view === "live" ? `pulumi preview --diff --stack ${stack}` : `groundwork plan --against ${against}`;
}

function sentence(text: string): string {
  return inline(shortened(text, LONGEST_SENTENCE));
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

function groupPart(group: ChangeGroup): Part[] {
  const documents = readDocuments(group);
  const body = documents.flatMap((document) => [
    `**${code(document.name)}**`,
    "",
    ...fenced("diff", diffLines(document)),
    "",
  ]);
  if (body.length === 0) return [];
  const title = `${shortened(shortTitle(group), LONGEST_CELL)} ${group.change.action}`;
  const lines = documents.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines)).length;
  return [
    {
      text: `\n${details(title, body)}`,
      brief: `\n${details(title, [`The ${lines} lines of it are in the full report.`, ""])}`,
    },
  ];
}
