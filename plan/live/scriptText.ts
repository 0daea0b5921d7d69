import { createHash } from "node:crypto";
import { SECRET_MARK } from "../../config/secret";
import type { PlanFile } from "../model";

/** What a host's script is given, read back from its text. */
export interface ScriptText {
  readonly facts: Readonly<Record<string, string>>;
  readonly files: readonly PlanFile[];
  /** What it does with it: the text, or its digest where the preview has no more. */
  readonly body: string;
}

/** A name and a word that the shell takes literally, up to the end of its line. */
const ASSIGNMENT = /([a-z_][a-z0-9_]*)='([^']*(?:'\\''[^']*)*)'\n/y;
/** A word, then plain ones, then how the content comes. */
const PUT_FILE =
  /put_(file|given_file) '([^']*(?:'\\''[^']*)*)' ([0-7]+) [a-z]+ [a-z-]+ (?:<\/dev\/null|<<'([A-Z_]+)')\n/y;
const PUT_SECRET = /put_secret_file '([^']*(?:'\\''[^']*)*)' ([0-7]+) [a-z]+ [a-z-]+ '([0-9a-f]*)'\n/y;
const DROP_FILE = /drop_file '[^']*(?:'\\''[^']*)*' [a-z]+ [a-z-]+\n/y;

/**
 * The inverse of `scriptOf` and `givenOf` (components/k3s/script.ts), for what an engine has recorded or is about to send: the only place
 * that reads a script's text. A preview knows no more of a host than that text.
 *
 * @returns undefined where it is not as this release writes it.
 */
export function readScript(text: string): ScriptText | undefined {
  const reader = new Reader(text);
  reader.take(/(?:# Groundwork: .*\nset -eu\numask 022\n)?/y);
  const facts: Record<string, string> = {};
  for (let found = reader.take(ASSIGNMENT); found !== undefined; found = reader.take(ASSIGNMENT)) {
    facts[found[1] ?? ""] = unquoted(found[2] ?? "");
  }
  if (Object.keys(facts).length === 0) return undefined;
  reader.take(/\n*/y);
  const files = reader.take(/put_files\(\) \{\n/y) === undefined ? [] : filesIn(reader);
  if (files === undefined) return undefined;
  reader.take(/\n*/y);
  return { facts, files, body: reader.rest() };
}

/** A body as `givenOf` shows it: with its digest in the place of the text. */
export function bodyDigest(body: string): string {
  if (/^# body [0-9a-f]{16}\n$/.test(body)) return body;
  return `# body ${createHash("sha256").update(body).digest("hex").slice(0, 16)}\n`;
}

function filesIn(reader: Reader): PlanFile[] | undefined {
  const files: PlanFile[] = [];
  for (;;) {
    if (reader.take(/(?::\n)?\}\n/y) !== undefined) return files;
    if (reader.take(DROP_FILE) !== undefined) continue;
    const secret = reader.take(PUT_SECRET);
    if (secret !== undefined) {
      const [, path = "", mode = "", mark = ""] = secret;
      files.push({ path: unquoted(path), mode, content: `${SECRET_MARK} (its mark is ${mark})\n` });
      continue;
    }
    const put = reader.take(PUT_FILE);
    if (put === undefined) return undefined;
    const [, , path = "", mode = "", end] = put;
    const content = end === undefined ? "" : reader.upTo(end);
    if (content === undefined) return undefined;
    files.push({ path: unquoted(path), mode, content });
  }
}

function unquoted(word: string): string {
  return word.replaceAll(String.raw`'\''`, "'");
}

/** A text that is read from its start to its end. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What stands here, where it is of this form. @param pattern Sticky. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (found === null) return undefined;
    this.#at = sticky.lastIndex;
    return found;
  }

  /** The lines before one that is this mark alone. */
  upTo(mark: string): string | undefined {
    const end = this.#text.startsWith(`${mark}\n`, this.#at)
      ? this.#at
      : this.#text.indexOf(`\n${mark}\n`, this.#at) + 1;
    if (end < this.#at) return undefined;
    const content = this.#text.slice(this.#at, end);
    this.#at = end + mark.length + 1;
    return content;
  }

  rest(): string {
    return this.#text.slice(this.#at);
  }
}
