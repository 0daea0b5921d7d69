import { digestOf, digestText, isDigest } from "../plan/compare/digest";
import type { StackReport } from "./reports";

/** All lines together, in characters: beyond that they are written without the parts. */
const LONGEST = 4_000;

interface StackDigest {
  readonly stack: string;
  readonly whole: string;
  /** With its parts. */
  readonly text: string;
}

/** What each live preview comes to. It is worked out from what the comment shows: a digest that the report brings along is not looked at. */
export function digestsOf(reports: readonly StackReport[]): StackDigest[] {
  return reports.flatMap(({ stack, view, found }) => {
    const digest = view === "live" && typeof found !== "string" ? digestOf(found) : undefined;
    if (digest === undefined || !STACK.test(stack)) return [];
    return [{ stack, whole: digest.whole, text: digestText(digest) }];
  });
}

/** A name that a line can hold. */
const STACK = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Hidden lines for the head of a comment, by which 'groundwork digest' finds them again. */
export function digestLines(digests: readonly StackDigest[]): string {
  const written = (textOf: (digest: StackDigest) => string): string =>
    digests.map((digest) => `<!-- groundwork:digest ${digest.stack} ${textOf(digest)} -->\n`).join("");
  const whole = written(({ text }) => text);
  return whole.length <= LONGEST ? whole : written((digest) => digest.whole);
}

/**
 * The digest of a stack in a comment, with its parts.
 *
 * @param marker The comment's first line. Only the lines right after it count: below is what may be anybody's text, and in a comment
 *   that was folded as outdated they are not there any more.
 */
export function digestIn(body: string, marker: string, stack: string): string | undefined {
  const [first, ...lines] = body.replaceAll("\r\n", "\n").trimStart().split("\n");
  if (first !== marker) return undefined;
  for (const line of lines) {
    const [, name, digest = ""] = /^<!-- groundwork:digest (\S+) (\S+) -->$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    if (name === stack) return isDigest(digest) ? digest : undefined;
  }
  return undefined;
}
