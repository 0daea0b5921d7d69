import type { Difference, HostVerdict } from "../compare/difference";
import { countLine } from "./changeGroups";
import { table, wrap } from "./layout";
import { inline, markdownTable, shortened } from "./markdownParts";
import type { Paint } from "./paint";

/** Rows of a table; the rest is counted. */
const MOST_ROWS = 60;

/** Longest text in a cell, and longest sentence, in characters. */
const LONGEST_CELL = 200;
const LONGEST_SENTENCE = 1000;

/** The verdict in one line; of a difference of before there were verdicts, what is counted. */
export function verdictLine(difference: Difference): string {
  return difference.verdict.line === "" ? countLine(difference) : shortened(difference.verdict.line, LONGEST_SENTENCE);
}

/** The table of hosts and what bites, each a part that is shown whole or not at all. */
export function verdictMarkdown({ verdict: { hosts, bites } }: Difference): string[] {
  const rows = hosts.slice(0, MOST_ROWS).map((host) => cellsOf(host).map((text) => shortened(text, LONGEST_CELL)));
  const more = hosts.length - MOST_ROWS;
  const lines = markdownTable(HEADER, [...rows, ...(more > 0 ? [[`and ${more} more`]] : [])]);
  return [
    ...(rows.length === 0 ? [] : [["", ...lines, ""].join("\n")]),
    ...bites.map((bite) => `\n> ⚠️ ${inline(shortened(bite, LONGEST_SENTENCE))}\n`),
  ];
}

/** The same for a terminal. */
export function verdictText({ verdict: { hosts, bites } }: Difference, width: number, paint: Paint): string[] {
  const [header = "", ...rows] = table(
    HEADER.map((label) => label.toUpperCase()),
    hosts.map(cellsOf),
  );
  return [
    ...bites.flatMap((bite) => {
      const [first = "", ...rest] = wrap(bite, width - 4);
      return [`  ${paint.warning("!")} ${first}`, ...rest.map((line) => `    ${line}`)];
    }),
    ...(rows.length === 0 ? [] : ["", paint.faint(`  ${header}`), ...rows.map((row) => `  ${row}`)]),
  ];
}

const HEADER = ["order", "host", "role", "k3s", "drained", "what changes"];

function cellsOf({ order, name, role, k3s, drain, changes }: HostVerdict): string[] {
  return [order, name, role, k3s, drain, changes];
}
