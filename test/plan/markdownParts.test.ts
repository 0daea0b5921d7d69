import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { code, details, fenced, inline, markdownTable } from "../../plan/render/markdownParts";
import { anyTexts, nastyTexts } from "./nastyTexts";
import { hostileParts, shownText, tablesOf, tokensOf } from "./parsedMarkdown";

/** How a text of what can be seen reads on one line. */
const asLine = (text: string): string => text.trim().replace(/\s+/g, " ");

const RUNS = { numRuns: 300 };

describe("a text in Markdown", () => {
  it("is the text that it was, in a line, in a cell and as code", () => {
    fc.assert(
      fc.property(nastyTexts, (text) => {
        for (const before of ["", "word ", "> ", "**bold** "]) {
          const line = tokensOf(`${before}${inline(text)}`).find(({ type }) => type === "inline")?.children ?? [];
          const shown = before === "> " ? "" : before.replaceAll("*", "");
          assert.equal(shownText(line).trim(), `${shown}${asLine(text)}`.trim());
        }
        assert.deepEqual(tablesOf(markdownTable(["a", "b"], [["1", text || "-"]]).join("\n"))[1], [
          "1",
          asLine(text || "-"),
        ]);
        const [span] = tokensOf(`word ${code(text)} word`).filter(({ type }) => type === "code_inline");
        assert.equal(span?.content.trim().replaceAll("\u2060", ""), asLine(text));
      }),
      RUNS,
    );
  });

  it("notifies nobody, loads no image, makes no link and hides nothing, whatever it has", () => {
    fc.assert(
      fc.property(anyTexts, (text) => {
        const table = markdownTable(["a"], [[text]]).join("\n");
        for (const part of [inline(text), `> word ${inline(text)}`, code(text), table, details(text, [])]) {
          assert.deepEqual(hostileParts(part), []);
          assert.doesNotMatch(part.replaceAll("\u2060", "").replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      }),
      RUNS,
    );
  });

  it("keeps a row's columns", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTexts, anyTexts), { minLength: 1, maxLength: 3 }), (rows) => {
        const all = tablesOf(markdownTable(["one", "two"], [["x", "y"], ...rows]).join("\n"));
        assert.deepEqual(
          all.map((row) => row.length),
          Array.from({ length: rows.length + 2 }, () => 2),
        );
      }),
      RUNS,
    );
  });

  it("stays in its fence", () => {
    fc.assert(
      fc.property(fc.array(anyTexts), fc.array(nastyTexts), (any, nasty) => {
        const text = ["<details><summary>a</summary>", "", ...fenced("diff", any), "</details>", "", "end"].join("\n");
        const kinds = tokensOf(text).map(({ type }) => type);
        assert.deepEqual(kinds, [
          "html_block",
          "fence",
          "html_block",
          "paragraph_open",
          "inline",
          "text",
          "paragraph_close",
        ]);
        const lines = nasty.map((line) => line.replace(/[\r\n]/g, " "));
        const [fence] = tokensOf(fenced("", lines).join("\n"));
        assert.equal(fence?.content, lines.map((line) => `${line}\n`).join(""));
      }),
      RUNS,
    );
  });

  it("shows what cannot be seen", () => {
    assert.equal(inline("a\u202eb\0"), "a\\u{202e}b\\u{0}".replaceAll("\\", "&#92;"));
    assert.deepEqual(fenced("", ["a\rb\tc"]), ["```", "a\\u{d}b\tc", "```"]);
  });
});
