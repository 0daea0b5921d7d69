import type { Token } from "markdown-it";

// eslint-disable-next-line @typescript-eslint/no-require-imports -- is `export =`, which the loader's imports do not call
const markdownIt = require("markdown-it") as typeof import("markdown-it");

/** CommonMark with tables, HTML and addresses that become links: what a forge does with a comment. */
const parser = markdownIt({ html: true, linkify: true });
// A forge makes no link of a bare `example.org`, and a mail address notifies nobody.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

/** The HTML that Groundwork itself writes. */
const OWN_HTML = /^(?:<!-- groundwork:[a-z]+ -->|<details><summary>[^<]*<\/summary>|<\/details>|<sub>|<\/sub>)$/;

/** What a forge notifies people by, or notes at another issue. */
const REFERENCE = /(?<![A-Za-z0-9])@[\w-]|[#!]\d|(?<![a-z0-9])GH-\d|\/(issues|pulls?|discussions)\/\d/i;

/** Every token, those of lines included. */
export function tokensOf(markdown: string): Token[] {
  return parser.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
}

/** What stands in a text outside of code that untrusted text must not bring about. */
export function hostileParts(markdown: string): string[] {
  return tokensOf(markdown).flatMap((token) => {
    if (/^(image|link_open|em_open|s_open|hr|list_item_open|code_block)$/.test(token.type)) return [token.type];
    const isHtml = token.type.startsWith("html_");
    const lines = token.content.trim().split("\n");
    if (isHtml && !lines.every((line) => OWN_HTML.test(line))) return lines;
    const text = token.content.replace(/&#\d+;/g, "?");
    return (isHtml || token.type.startsWith("text")) && REFERENCE.test(text) ? [token.content] : [];
  });
}

/** The text of each cell of the tables in a text, row by row. */
export function tablesOf(markdown: string): string[][] {
  const rows: string[][] = [];
  let isCell = false;
  for (const { type, children } of parser.parse(markdown, {})) {
    if (type === "tr_open") rows.push([]);
    if (type === "inline" && isCell) rows.at(-1)?.push(shownText(children ?? []));
    isCell = type === "th_open" || type === "td_open";
  }
  return rows;
}

/** What a reader sees of tokens of a line, without the invisible characters. */
export function shownText(tokens: readonly Token[]): string {
  return tokens
    .map(({ content }) => content)
    .join("")
    .replaceAll("\u2060", "");
}
