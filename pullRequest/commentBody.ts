import { renderDifferenceMarkdown } from "../plan/render/differenceMarkdown";
import { COMMENT_LIMIT, fitting } from "../plan/render/fitting";
import { code, fenced, inline, shortened } from "../plan/render/markdownParts";
import { verdictLine } from "../plan/render/verdictParts";
import { digestLines, digestsOf } from "./digestLines";
import type { StackReport } from "./reports";

/** Longest line of a stack in the table on top, in characters. */
const LONGEST_SUMMARY = 200;

/** The same of a verdict, which is the one line that is always read. */
const LONGEST_VERDICT = 500;

/** Digests that are shown; all are in the comment. */
const MOST_DIGESTS = 20;

export interface CommentContent {
  /** Tells comments of one pull request apart, e.g. `plan`: letters, digits, `-` and `.`. */
  readonly key: string;
  readonly title: string;
  readonly reports: readonly StackReport[];
  /** Where all of it is found when the comment is too short for it, e.g. the address of the run. */
  readonly fullTextAt?: string | undefined;
  /** Where the pages of the stacks are found, e.g. the artifacts of the run. */
  readonly pagesAt?: string | undefined;
  /** Revisions that were compared, e.g. `1a2b3c4 → 5d6e7f8`. */
  readonly revisions?: string | undefined;
}

/** The hidden first line by which a comment is found again. */
export function markerOf(key: string): string {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(key)) throw new Error(`comment: key '${key}' must be letters, digits, '-' and '.'`);
  return `<!-- groundwork:${key} -->`;
}

/**
 * The whole comment: marker, a table with one line a stack, then each stack's changes. When it would be longer than
 * `longest`, whole parts are left out, and a line says how many.
 */
export function commentBody(content: CommentContent, longest: number = COMMENT_LIMIT): string {
  const { reports } = content;
  const digests = digestsOf(reports);
  const start = `${markerOf(content.key)}\n${digestLines(digests)}## ${inline(content.title)}\n\n`;
  const last = [
    content.revisions === undefined ? [] : inline(content.revisions),
    content.pagesAt === undefined ? [] : `each stack as a page, with a picture of its cluster: ${content.pagesAt}`,
    digests.slice(0, MOST_DIGESTS).map(({ stack, whole }) => `digest of ${inline(stack)}: ${whole}`),
  ].flat();
  const foot = last.length === 0 ? "" : `\n<sub>${last.join("; ")}</sub>`;
  let room = longest - start.length - foot.length;
  const summary = reports.length === 0 ? "There is no stack to compare.\n" : table(reports, room);
  room -= summary.length;
  const sections = reports.map((report, index) => {
    // An equal share of what is left: one stack's long list does not push the others out.
    const section = sectionOf(report, Math.floor(room / (reports.length - index)), content.fullTextAt);
    room -= section.length;
    return section;
  });
  return start + summary + sections.join("") + foot;
}

/** One line a stack, for as many as there is room; the rest is counted. */
function table(reports: readonly StackReport[], room: number): string {
  const rows = reports.map((report) => `| ${inline(nameOf(report))} | ${inline(summaryOf(report))} |\n`);
  const head = "| stack | what changes |\n| --- | --- |\n";
  const more = (count: number): string => `| and ${count} more | |\n`;
  let left = room - head.length - more(rows.length).length;
  const shown = rows.filter((row) => {
    left -= row.length;
    return left >= 0;
  });
  return head + shown.join("") + (shown.length < rows.length ? more(rows.length - shown.length) : "");
}

/** The two views of a stack stand one under the other. */
function nameOf({ stack, view }: StackReport): string {
  return view === "live" ? `${stack}, live` : stack;
}

function summaryOf({ found }: StackReport): string {
  if (typeof found === "string") return shortened(linesOf(found)[0] ?? "nothing was written", LONGEST_SUMMARY);
  const risky = found.risky.length === 0 ? "" : `; ⚠️ ${found.risky.length} risky`;
  return shortened(verdictLine(found), LONGEST_VERDICT) + risky;
}

function sectionOf(report: StackReport, longest: number, fullTextAt: string | undefined): string {
  const { stack, found } = report;
  const allOfIt = fullTextAt ?? "the run's own output";
  if (typeof found === "string") {
    // A short first line is in the table.
    const lines = linesOf(found);
    const rest = (lines[0]?.length ?? 0) > LONGEST_SUMMARY ? lines : lines.slice(1);
    if (rest.length === 0) return "";
    return fitting(`\n### ${code(nameOf(report))}\n`, [{ text: `\n${fenced("text", rest).join("\n")}\n` }], {
      longest,
      allOfIt,
    });
  }
  if (found.changes.length + found.warnings.length + found.risky.length === 0) return "";
  const room = longest - 1;
  const section = renderDifferenceMarkdown({ ...found, stack }, { longest: room, allOfIt });
  return section === "" ? "" : `\n${section}`;
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
}
