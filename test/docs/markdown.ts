import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "..", "..");

/** A place in a document, for messages: `README.md:12`. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A piece of a document. */
export interface Piece extends Place {
  readonly text: string;
}

/** Every document of ours in a folder and below it, from the root of the checkout. */
export function documentsIn(folder = ""): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) return /^(\.|node_modules$|dist$|snapshots$)/.test(entry.name) ? [] : documentsIn(file);
    return entry.name.endsWith(".md") ? [file] : [];
  });
}

/** The lines of a document, and whether each is text or code in a fence (with the language after the fence). */
function linesOf(file: string): (Piece & { readonly code: string | undefined })[] {
  let fence: string | undefined;
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .flatMap((text, index) => {
      const mark = /^\s*```(\w*)$/.exec(text);
      if (mark === null) return [{ file, line: index + 1, text, code: fence }];
      fence = fence === undefined ? mark[1] : undefined;
      return [];
    });
}

/** What links in a document point to; links to other sites are left out. */
export function linksOf(file: string): Piece[] {
  return linesOf(file)
    .filter(({ code }) => code === undefined)
    .flatMap((line) =>
      [...line.text.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, text = ""]) => ({ ...line, text })),
    )
    .filter(({ text }) => !/^[a-z]+:/.test(text));
}

/** Names by which a document's headings are linked to, as GitHub and Gitea make them. */
export function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return headingsOf(file).map((heading) => {
    const name = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
}

export function headingsOf(file: string): string[] {
  return linesOf(file).flatMap(({ text, code }) => {
    const heading = code === undefined ? /^#+ (.+)$/.exec(text)?.[1] : undefined;
    return heading === undefined ? [] : [heading];
  });
}

/** Lines of code for a shell, and code within the text. In a record of a session those after `$ `. */
export function shellLinesOf(file: string): Piece[] {
  return linesOf(file).flatMap((line) => {
    const { text, code } = line;
    if (code === "sh") return [line];
    if (code === "") return text.startsWith("$ ") ? [{ ...line, text: text.slice(2) }] : [];
    return code === undefined
      ? [...text.matchAll(/`([^`]+)`/g)].map(([, inner = ""]) => ({ ...line, text: inner }))
      : [];
  });
}
