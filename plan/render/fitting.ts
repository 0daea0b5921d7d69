/** The longest comment that GitHub takes, in characters; Gitea and GitLab take more. */
export const COMMENT_LIMIT = 65_536;

/** A part of a text, which is shown whole or not at all. */
export interface Part {
  readonly text: string;
  /** What stands for it where it alone would take most of the room, such as its title; without it, it is left out then. */
  readonly brief?: string;
}

export interface FittingOptions {
  readonly longest?: number | undefined;
  /** Where all of it is found, in Markdown. */
  readonly allOfIt: string;
  /** How many of the parts, from the first one, are not counted as `what`: a table, a warning. Default: none. */
  readonly uncounted?: number;
  /** What the others are. Default: parts. */
  readonly what?: string;
}

/**
 * A text in parts that is no longer than allowed. What does not fit is left out whole, from the end, and a last line says how much that
 * is; a part that alone would take more than half of the room is shown in brief.
 *
 * @returns nothing when not even the head and that line fit.
 */
export function fitting(
  head: string,
  parts: readonly Part[],
  { longest = COMMENT_LIMIT, allOfIt, uncounted = 0, what = "parts" }: FittingOptions,
): string {
  const whole = head + parts.map(({ text }) => text).join("");
  if (whole.length <= longest) return whole;
  // The last line is written first, at its longest, so that it always fits.
  const all = longest - head.length - longestLine(parts.length, what, allOfIt).length;
  if (all < 0) return "";
  let room = all;
  let shown = "";
  let briefs = 0;
  let next = 0;
  for (const { text, brief } of parts) {
    const isLarge = brief !== undefined && text.length > all / 2;
    const taken = isLarge ? brief : text;
    if (taken.length > room) break;
    room -= taken.length;
    shown += taken;
    next++;
    if (isLarge) briefs++;
  }
  return head + shown + leftOut({ shown: next, briefs, all: parts.length, uncounted, what, allOfIt });
}

interface LeftOut {
  readonly shown: number;
  readonly briefs: number;
  readonly all: number;
  readonly uncounted: number;
  readonly what: string;
  readonly allOfIt: string;
}

function leftOut({ shown, briefs, all, uncounted, what, allOfIt }: LeftOut): string {
  const missing = all - shown;
  const words = shown < uncounted ? `${missing} of ${all} parts` : `${missing} of ${all - uncounted} ${what}`;
  const said = [
    ...(missing > 0 ? [`${words} are left out`] : []),
    ...(briefs > 0 ? [`${briefs} ${briefs === 1 ? "is" : "are"} shown by name only`] : []),
  ];
  return lineOf(said.join(" and "), allOfIt);
}

function longestLine(parts: number, what: string, allOfIt: string): string {
  return lineOf(`${parts} of ${parts} ${what} parts are left out and ${parts} are shown by name only`, allOfIt);
}

function lineOf(said: string, allOfIt: string): string {
  return `\n_${said}, because a comment holds ${COMMENT_LIMIT} characters._ All of it: ${allOfIt}\n`;
}
