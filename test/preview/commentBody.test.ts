import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { commentBody, LONGEST_COMMENT, markerOf, type StackReport } from "../../preview/commentBody";

/** A report with many resources, each with a diff. */
function report(stack: string, resources: number, linesEach: number): StackReport {
  const blocks = Array.from({ length: resources }, (_, index) => {
    const lines = Array.from({ length: linesEach }, (__, line) => `+line ${line}`);
    return `#### ${stack}-${index}\n\n\`\`\`diff\n${lines.join("\n")}\n\`\`\``;
  });
  return { stack, markdown: [`${resources} resources change.`, ...blocks].join("\n\n") };
}

const bodyOf = (reports: readonly StackReport[], longest?: number): string =>
  commentBody({ key: "plan", title: "Plan", reports, fullTextAt: "https://example.org/run/1" }, longest);

describe("comment body", () => {
  it("starts with its marker and one line a stack", () => {
    const body = bodyOf([{ stack: "dev", markdown: "## Changes of dev\n\nNo change." }, report("prod", 2, 1)]);
    assert.match(
      body,
      /^<!-- groundwork:plan -->\n## Plan\n\n\| stack \| what changes \|\n\| --- \| --- \|\n\| dev \| No change\. \|\n\| prod \| 2 resources change\. \|\n/,
    );
    assert.match(body, /### prod\n\n#### prod-0\n\n```diff\n\+line 0\n```\n\n#### prod-1/);
  });

  it("gives a stack a heading where its report has none, and leaves out what only repeats the summary", () => {
    const body = bodyOf([
      { stack: "dev", markdown: "### Plan of dev\n\nOne node.\n\n| a |\n|---|" },
      { stack: "lab", markdown: "### Plan of lab\n\nNo differences." },
      { stack: "prod", markdown: "One node.\n\n<details>\n\nx\n\n</details>" },
    ]);
    assert.deepEqual(body.match(/^###.*$/gm), ["### Plan of dev", "### prod"]);
  });

  it("says how many resources are left out, and where all of them are", () => {
    const body = bodyOf([report("dev", 3, 2), report("prod", 4000, 3)]);
    assert.ok(body.length <= LONGEST_COMMENT, String(body.length));
    assert.match(body, /#### dev-2/, "a short stack is whole");
    const [, missing] =
      /\*(\d+) of 4000 parts are left out: .* All of it: https:\/\/example\.org\/run\/1\*/.exec(body) ?? [];
    const shown = body.match(/#### prod-/g)?.length ?? 0;
    assert.equal(shown + Number(missing), 4000);
    assert.ok(shown > 500, `uses the room that there is: ${shown}`);
  });

  it("leaves out one resource that is too long, and shows the others", () => {
    const body = bodyOf([{ stack: "dev", markdown: `Much.\n\n### a\nx\n\n### b\n${"y".repeat(70_000)}\n\n### c\nz` }]);
    assert.match(body, /### a\nx\n\n### c\nz\n\n\*1 of 3 parts are left out/);
  });

  it("takes a line of a table from untrusted text without letting it out of its cell", () => {
    const body = bodyOf([{ stack: "dev", markdown: "```\n@all | <img> `x\n```" }]);
    assert.match(body, /\| dev \| @\u2060all \\\| &lt;img> x \|/);
  });

  it("says so when there is no stack", () => {
    assert.match(bodyOf([]), /There is no stack to compare\./);
  });

  it("is never longer than allowed, and never ends inside a fence", () => {
    const reports = fc.array(
      fc.record({ stack: fc.constantFrom("dev", "staging", "prod"), resources: fc.nat(40), lines: fc.nat(40) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(reports, fc.integer({ min: 600, max: 20_000 }), (stacks, longest) => {
        const body = bodyOf(
          stacks.map(({ stack, resources, lines }) => report(stack, resources, lines)),
          longest,
        );
        assert.ok(body.length <= longest, `${body.length} > ${longest}`);
        assert.equal((body.match(/^```/gm)?.length ?? 0) % 2, 0);
        assert.ok(body.startsWith(markerOf("plan")));
      }),
    );
  });
});

describe("marker", () => {
  it("refuses a key that could close the HTML comment", () => {
    assert.throws(() => markerOf("a --> b"), /must be letters, digits/);
  });
});
