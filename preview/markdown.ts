/**
 * Markdown that somebody else's code wrote, made fit for a comment under our own name: it is split where one resource
 * ends and the next begins, every fence and `<details>` it opens is closed, and nothing in it notifies a person, loads an
 * image or hides text. What a pull request's code prints is untrusted, whoever opened it.
 */

/** What may stand as HTML: what the plan itself writes, without attributes that carry anything. */
const ALLOWED_TAG = /^<(?:\/?(?:details|summary|code|b|strong|em|i|sub|sup)|details open|br ?\/?)>/i;

/** A mention, as forges find it: `@` that no word character precedes. */
const MENTION = /(?<![A-Za-z0-9_])@(?=[A-Za-z0-9])/g;

/** Invisible, and no part of a name. */
const WORD_JOINER = "\u2060";

interface Fence {
  readonly mark: string;
  readonly length: number;
}

/** Blocks of a text, each a resource with all that belongs to it; the first may be what stands before the first one. */
export function blocksOf(markdown: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: Fence | undefined;
  let depth = 0;
  const finish = (): void => {
    if (fence !== undefined) block.push(fence.mark.repeat(fence.length));
    if (depth > 0) block.push("", ...Array.from({ length: depth }, () => "</details>"));
    const text = block.join("\n").trim();
    if (text !== "") blocks.push(text);
    block = [];
    fence = undefined;
    depth = 0;
  };

  for (const line of markdown.replace(/\r\n?/g, "\n").split("\n")) {
    if (fence !== undefined) {
      block.push(line);
      if (closes(line, fence)) fence = undefined;
      continue;
    }
    const opened = openedBy(line);
    if (opened !== undefined) {
      // A fence right below HTML would be part of that HTML, and its text would be read as Markdown.
      if (block.at(-1)?.trim() !== "") block.push("");
      block.push(line);
      fence = opened;
      continue;
    }
    const text = harmless(line);
    if (depth === 0 && startsBlock(text, block)) finish();
    depth += count(text, /<details(?: open)?>/gi);
    const closed = count(text, /<\/details>/gi);
    block.push(closed > depth ? text.replace(/<\/details>/gi, "") : text);
    depth = Math.max(0, depth - closed);
  }
  finish();
  return blocks;
}

/** One line outside code fences, without mentions, images, comments, or tags other than the plan's own. */
export function harmless(line: string): string {
  return line
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 && !line.includes("\\`") ? part : escapeTags(part)))
    .join("")
    .replace(/!\[/g, "!\\[")
    .replace(MENTION, `@${WORD_JOINER}`);
}

function escapeTags(text: string): string {
  return text.replace(/</g, (_, at: number) => (ALLOWED_TAG.test(text.slice(at)) ? "<" : "&lt;"));
}

/** Whether a line starts a block: a heading, or a `<details>` that does not belong to the heading right above it. */
function startsBlock(line: string, block: readonly string[]): boolean {
  if (/^#{1,6}\s/.test(line)) return true;
  return /^<details/i.test(line) && block.some((one) => one.trim() !== "" && !/^#{1,6}\s/.test(one));
}

function openedBy(line: string): Fence | undefined {
  const [, run] = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line) ?? [];
  return run === undefined ? undefined : { mark: run.slice(0, 1), length: run.length };
}

function closes(line: string, fence: Fence): boolean {
  const text = line.replace(/^ {0,3}/, "").trimEnd();
  return text.length >= fence.length && text === fence.mark.repeat(text.length);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
