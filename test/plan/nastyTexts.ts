import * as fc from "fast-check";

const HTML = ["<img src=x>", "<!--", "-->", "<script>", "</details>", "</summary>", "<details>", "&lt;", "&#64;", "<b"];
const MARKDOWN = [
  "`",
  "``",
  "```",
  "````",
  "~~~",
  "|",
  "\\",
  "*",
  "**",
  "_",
  "~~",
  "![a](b)",
  "[x](y)",
  "[^1]:",
  "$x$",
  "<",
  ">",
];
const REFERENCES = [
  "@all",
  "@site/admins",
  "me@example.org",
  "#12",
  "GH-1",
  "!7",
  "https://example.org/a/b/pull/1",
  "www.example.org",
];
const STARTS = ["# ", "- ", "+ ", "1. ", "> ", "===", "---", ":--", ": x", "```diff", "| --- |"];
const SPACES = [" ", "    ", "\t", "\n", "\n\n", "\r", "\r\n", "a", "Z9"];

/** Texts that try to be markup, of what can be seen. */
export const nastyTexts: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...HTML, ...MARKDOWN, ...REFERENCES, ...STARTS, ...SPACES), { maxLength: 8 })
  .map((pieces) => pieces.join(""));

/** The same, with whatever else a text may have. */
export const anyTexts: fc.Arbitrary<string> = fc.oneof(
  nastyTexts,
  fc.string({ unit: "binary", maxLength: 8 }),
  fc
    .tuple(
      nastyTexts,
      fc.constantFrom("\0", "\u2028", "\u202e", "\u0085", "\ud800", "\ufeff", "\uffff", "\u{1fffe}"),
      nastyTexts,
    )
    .map((parts) => parts.join("")),
);
