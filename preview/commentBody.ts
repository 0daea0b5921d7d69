import { blocksOf, harmless } from "./markdown";

/** The longest comment that GitHub takes, in characters; Gitea takes more. */
export const LONGEST_COMMENT = 65_536;

/** Longest line of a stack in the table on top, in characters. */
const LONGEST_SUMMARY = 200;

/** What changes in one stack, as the plan wrote it. */
export interface StackReport {
  readonly stack: string;
  /** Markdown; its first line of text is the summary of the stack. */
  readonly markdown: string;
}

export interface CommentContent {
  /** Tells comments of one pull request apart, e.g. `plan`: letters, digits, `-` and `.`. */
  readonly key: string;
  readonly title: string;
  readonly reports: readonly StackReport[];
  /** Where all of it is found when the comment is cut, e.g. the address of the run. */
  readonly fullTextAt?: string | undefined;
  /** Revisions that were compared, e.g. `1a2b3c4 → 5d6e7f8`. */
  readonly revisions?: string | undefined;
}

/** The hidden first line by which a comment is found again. */
export function markerOf(key: string): string {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(key)) throw new Error(`comment: key '${key}' must be letters, digits, '-' and '.'`);
  return `<!-- groundwork:${key} -->`;
}

/**
 * The whole comment: marker, a table with one line a stack, then each stack's resources. When it would be longer than
 * `longest`, whole resources are left out, and a line says how many; the table is always there.
 */
export function commentBody(content: CommentContent, longest: number = LONGEST_COMMENT): string {
  const parts = content.reports.map(({ stack, markdown }) => partsOf(stack, markdown));
  const head = [
    markerOf(content.key),
    `## ${content.title}`,
    "",
    ...(parts.length === 0 ? ["There is no stack to compare."] : table(parts)),
  ].join("\n");
  const foot = content.revisions === undefined ? "" : `\n\n<sub>${harmless(content.revisions)}</sub>`;
  const sections: string[] = [];
  let room = longest - head.length - foot.length;
  parts.forEach((part, index) => {
    // An equal share of what is left: one stack's long list does not push the others out.
    const section = sectionOf(part, Math.floor(room / (parts.length - index)), content.fullTextAt);
    room -= section.length;
    sections.push(section);
  });
  return cutBluntly(head + sections.join("") + foot, longest);
}

interface Parts {
  readonly stack: string;
  readonly summary: string;
  readonly blocks: readonly string[];
}

function partsOf(stack: string, markdown: string): Parts {
  const blocks = blocksOf(markdown);
  const lines = blocks.flatMap((block) => block.split("\n")).map((line) => line.trim());
  const summary = lines.find((line) => line !== "" && !/^(#|<|`{3}|~{3}|\|)/.test(line)) ?? "nothing was written";
  // What only says the summary once more is in the table already.
  const telling = blocks.filter((block) => block.replace(/^#.*$/gm, "").trim() !== summary);
  return { stack, summary: inTable(summary), blocks: telling };
}

function table(parts: readonly Parts[]): string[] {
  const rows = parts.map(({ stack, summary }) => `| ${stack} | ${summary} |`);
  return ["| stack | what changes |", "| --- | --- |", ...rows];
}

function sectionOf({ stack, blocks }: Parts, room: number, fullTextAt: string | undefined): string {
  if (blocks.length === 0) return "";
  const heading = /^#{1,3} /.test(blocks[0] ?? "") ? "" : `\n\n### ${stack}`;
  const whole = heading + blocks.map((block) => `\n\n${block}`).join("");
  if (whole.length <= room) return whole;
  // The line that tells how many are missing is written first, at its longest, so that it always fits.
  let left = room - heading.length - missingLine(blocks.length, blocks.length, fullTextAt).length;
  if (left < 0) return "";
  const shown = blocks.filter((block) => {
    const fits = block.length + 2 <= left;
    if (fits) left -= block.length + 2;
    return fits;
  });
  const missing = missingLine(blocks.length - shown.length, blocks.length, fullTextAt);
  return heading + shown.map((block) => `\n\n${block}`).join("") + missing;
}

function missingLine(missing: number, all: number, fullTextAt: string | undefined): string {
  const where = fullTextAt === undefined ? "" : ` All of it: ${fullTextAt}`;
  return `\n\n*${missing} of ${all} parts are left out: a comment holds ${LONGEST_COMMENT} characters.${where}*`;
}

/** A line of a report as a cell: short, and harmless even when it stood in a code fence. */
function inTable(line: string): string {
  const short = line.length <= LONGEST_SUMMARY ? line : `${line.slice(0, LONGEST_SUMMARY - 1)}…`;
  const balanced = short.split("`").length % 2 === 1 ? short : short.replaceAll("`", "");
  return harmless(balanced).replaceAll("|", "\\|");
}

/** The last resort, for so many stacks that their table alone is too long. */
function cutBluntly(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = "\n\n*The rest is left out.*";
  const kept = text.slice(0, longest - end.length);
  return kept.slice(0, kept.lastIndexOf("\n")) + end;
}
