import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { blocksOf, harmless } from "../../preview/markdown";

describe("blocks of a report", () => {
  it("start at headings and at details, and keep what belongs to them", () => {
    const text =
      "One node changes.\n\n### atlas\n\n```diff\n# not a heading\n-a\n+b\n```\n<details><summary>script</summary>\n\n### inside\n\n</details>\n\n<details>\n<summary>helm</summary>\n\nx\n</details>";
    assert.deepEqual(
      blocksOf(text).map((block) => block.split("\n")[0]),
      ["One node changes.", "### atlas", "<details><summary>script</summary>", "<details>"],
    );
  });

  it("keep a heading with the details right below it", () => {
    assert.equal(blocksOf("### atlas\n\n<details>\n\nx\n\n</details>").length, 1);
  });

  it("close what they open, and drop what they never opened", () => {
    assert.deepEqual(blocksOf("```diff\n-a"), ["```diff\n-a\n```"]);
    assert.deepEqual(blocksOf("<details>\nx"), ["<details>\nx\n\n</details>"]);
    assert.deepEqual(blocksOf("a</details>"), ["a"]);
    assert.deepEqual(blocksOf("````\n```\nx"), ["````\n```\nx\n````"]);
  });

  it("put an empty line between HTML and a fence, so that it is one", () => {
    assert.deepEqual(blocksOf("<details>\n```\n@a\n```\n</details>"), ["<details>\n\n```\n@a\n```\n</details>"]);
  });

  it("lose no line of a fence, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("@all", "<img src=x>", "</details>", "# a", "- b", "``", "<details>", "")),
        (lines) => {
          const fence = `\`\`\`diff\n${lines.join("\n")}\n\`\`\``;
          assert.deepEqual(blocksOf(fence), [fence]);
        },
      ),
    );
  });
});

describe("a line of a report", () => {
  it("notifies nobody", () => {
    assert.equal(
      harmless("@all and (@site/admins), mail me@example.org"),
      "@\u2060all and (@\u2060site/admins), mail me@example.org",
    );
    assert.equal(harmless("`@all`"), "`@\u2060all`");
  });

  it("loads no image and holds no HTML but the plan's own", () => {
    assert.equal(harmless("![x](https://example.org/x.png)"), "!\\[x](https://example.org/x.png)");
    assert.equal(
      harmless("<img src=x> <!-- --> <a href=x> <details open><summary>s</summary>"),
      "&lt;img src=x> &lt;!-- --> &lt;a href=x> <details open><summary>s</summary>",
    );
    assert.equal(harmless("<details onclick=x>"), "&lt;details onclick=x>");
  });

  it("keeps code as it is, unless a backslash makes it doubtful", () => {
    assert.equal(harmless("set `<name>` to 5 < 6"), "set `<name>` to 5 &lt; 6");
    assert.equal(harmless("\\`<img>`"), "\\`&lt;img>`");
  });
});
