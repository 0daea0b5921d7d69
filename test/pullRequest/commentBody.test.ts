import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { comparePlans } from "../../plan/compare/compare";
import type { Difference } from "../../plan/compare/difference";
import { COMMENT_LIMIT } from "../../plan/render/fitting";
import { inline } from "../../plan/render/markdownParts";
import { commentBody, markerOf } from "../../pullRequest/commentBody";
import type { StackReport } from "../../pullRequest/reports";
import { anyTexts } from "../plan/nastyTexts";
import { hostileParts, tablesOf, tokensOf } from "../plan/parsedMarkdown";
import { edited, planOf, stackText } from "../plan/stacks";
import { anyDifferences, differenceOf } from "./differences";

const bodyOf = (reports: readonly StackReport[], longest?: number): string =>
  commentBody({ key: "plan", title: "Plan", reports, fullTextAt: "https://example.org/run/1" }, longest);

const report = (stack: string, releases: number, linesEach: number): StackReport => ({
  stack,
  found: differenceOf(stack, releases, linesEach),
});

const STACKS = fc.constantFrom("dev", "staging", "prod_2");

describe("comment body", () => {
  it("starts with its marker and one line a stack", () => {
    const body = bodyOf([report("dev", 0, 0), report("prod", 2, 1)]);
    assert.match(
      body,
      /^<!-- groundwork:plan -->\n## Plan\n\n\| stack \| what changes \|\n\| --- \| --- \|\n\| dev \| no differences \|\n\| prod \| 2 releases changed \|\n\n### Groundwork plan: stack `prod`\n/,
    );
    assert.match(
      body,
      /<summary>prod-0 \(release\) changed<\/summary>\n\n\*\*`values`\*\*\n\n```diff\n\+line: 0\.0\n```/,
    );
    assert.deepEqual(body.match(/^###.*$/gm), ["### Groundwork plan: stack `prod`"]);
  });

  it("says in the line of a stack that something is risky, and shows what makes a comparison less sure", () => {
    const risky = [{ what: "no server stays", happens: "the data is lost", remedy: "keep one" }];
    const difference: Difference = { ...differenceOf("dev", 1, 1), risky, warnings: ["the stack is new"] };
    const body = bodyOf([{ stack: "dev", found: difference }]);
    assert.match(body, /^\| dev \| 1 release changed; ⚠️ 1 risky \|$/m);
    assert.match(body, /^> ⚠️ the stack is new\n\n> ⚠️ \*\*Risky: no server stays\*\*\n> The data is lost\./m);
  });

  it("shows a text in place of a difference as text: the first line in the table, the others in a fence", () => {
    const body = bodyOf([
      { stack: "dev", found: "The plan cannot be made:\ngroundwork: @all <img src=x>\n```\n# no heading\n" },
      { stack: "gone", found: "The stack is removed.\n" },
    ]);
    assert.deepEqual(tablesOf(body).slice(1), [
      ["dev", "The plan cannot be made:"],
      ["gone", "The stack is removed."],
    ]);
    assert.match(body, /\n### `dev`\n\n````text\ngroundwork: @all <img src=x>\n```\n# no heading\n````\n$/);
  });

  it("says how many parts are left out, and where all of them are", () => {
    const body = bodyOf([report("dev", 3, 2), report("prod", 4000, 3)]);
    assert.ok(body.length <= COMMENT_LIMIT, String(body.length));
    assert.match(body, /<summary>dev-2 /, "a short stack is whole");
    const [, missing] =
      /_(\d+) of 4000 changes are left out, .* All of it: https:\/\/example\.org\/run\/1\n/.exec(body) ?? [];
    const shown = body.match(/<summary>prod-/g)?.length ?? 0;
    assert.equal(shown + Number(missing), 4000);
    assert.ok(shown > 300, `uses the room that there is: ${shown}`);
  });

  it("holds 2,000 resources of a stack, and each that is shown is whole", () => {
    const body = bodyOf([report("dev", 2000, 12)]);
    assert.ok(body.length <= COMMENT_LIMIT, String(body.length));
    const shown = [...body.matchAll(/<summary>dev-(\d+) \(release\)[^]*?```diff\n([^]*?)\n```/g)];
    assert.ok(shown.length > 100, String(shown.length));
    for (const [index, [, release, lines = ""]] of shown.entries()) {
      assert.equal(Number(release), index);
      assert.equal(lines.split("\n").length, 12);
    }
  });

  it("leads to the pages in its last line, and counts that line", () => {
    const reports = [report("dev", 4000, 1)];
    const pagesAt = "https://example.org/run/1#artifacts";
    const body = commentBody({ key: "plan", title: "Plan", reports, revisions: "commit abc", pagesAt });
    assert.ok(body.length <= COMMENT_LIMIT, String(body.length));
    assert.ok(
      body.endsWith(`\n<sub>commit abc; each stack as a page, with a picture of its cluster: ${pagesAt}</sub>`),
    );
  });

  it("is short for one line of a change in a stack of six nodes", async () => {
    const staging = stackText("staging");
    const ports = ["groundwork:network:\n", "groundwork:network:\n    nodePortRange: 30000-33000\n"] as const;
    const [was, is] = [await planOf(staging, "staging"), await planOf(edited(staging, ports), "staging")];
    const body = bodyOf([{ stack: "staging", found: comparePlans(was, is, "main") }]);
    assert.ok(body.length < 4000, String(body.length));
    assert.match(body, /^-service-node-port-range: 30000-32767\n\+service-node-port-range: 30000-33000$/m);
  });

  it("is not filled by a line of a megabyte, wherever that stands, and shows the rest", () => {
    const long = `@all <img src=x> ${"x".repeat(1024 * 1024)}`;
    const difference = differenceOf("dev", 2, 1);
    const [first, second] = difference.changes;
    const found: Difference = {
      ...difference,
      against: long,
      warnings: [long],
      risky: [{ what: long, happens: long, remedy: long }],
      verdict: {
        line: long,
        bites: [long],
        hosts: [{ name: long, role: long, changes: long, k3s: long, drain: long, order: long }],
      },
      changes: [
        {
          ...first!,
          name: long,
          documents: [{ name: long, hunks: [{ place: "", lines: [{ sign: "+", text: long }] }] }],
        },
        second!,
      ],
    };
    const body = bodyOf([{ stack: "dev", found }]);
    assert.ok(body.length <= COMMENT_LIMIT, String(body.length));
    // The last line is our own, and has a link.
    assert.deepEqual(hostileParts(body.replace(/_1 is shown by name only.*$/s, "")), []);
    assert.match(body, /The 1 lines? of it are in the full report\./);
    assert.match(body, /<summary>dev-1 \(release\) changed<\/summary>/);
    const text = bodyOf([{ stack: "dev", found: long }]);
    assert.ok(text.length <= COMMENT_LIMIT, String(text.length));
  });

  it("gives GitLab no order and no reference", () => {
    assert.match(inline("/close"), /^&#47;close$/);
    assert.match(inline("see &12 and !3"), /^see &amp;\u206012 and !\u20603$/);
  });

  it("says so when there is no stack", () => {
    assert.match(bodyOf([]), /There is no stack to compare\./);
  });

  it("is never longer than allowed, and all that it opens it closes", () => {
    const reports = fc.array(fc.tuple(STACKS, fc.nat(40), fc.nat(40)), { maxLength: 30 });
    fc.assert(
      fc.property(reports, fc.integer({ min: 200, max: 20_000 }), (stacks, longest) => {
        const body = bodyOf(
          stacks.map((one) => report(...one)),
          longest,
        );
        assert.ok(body.length <= longest, `${body.length} > ${longest}`);
        assert.ok(body.startsWith(markerOf("plan")));
        assert.equal((body.match(/^```/gm)?.length ?? 0) % 2, 0);
        assert.equal(body.match(/<details>/g)?.length, body.match(/<\/details>/g)?.length);
        const rows = tablesOf(body).filter(([stack = ""]) => /^(dev|staging|prod_2|and \d+ more)$/.test(stack));
        assert.ok(rows.length === stacks.length || rows.at(-1)?.[0]?.startsWith("and ") === true);
      }),
    );
  });

  it("notifies nobody, loads and hides nothing, and lets no text out of its place, whatever the files have", () => {
    const found = fc.oneof(
      anyDifferences,
      fc.array(anyTexts).map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ stack: STACKS, found }), { maxLength: 3 }), anyTexts, (reports, text) => {
        const body = commentBody({ key: "plan", title: "Plan", reports, revisions: text });
        assert.deepEqual(hostileParts(body), []);
        // What is not one of the comment's own headings is no heading, and so on.
        const kinds = tokensOf(body);
        const headings = kinds.filter(({ type }) => type === "heading_open").map(({ tag }) => tag);
        assert.ok(headings.length <= reports.length + 1);
        assert.deepEqual([...new Set(headings)].sort().slice(0, 1), ["h2"]);
        const fences = kinds.filter(({ type }) => type === "fence");
        assert.ok(fences.every(({ info }) => info === "diff" || info === "text"));
        for (const row of tablesOf(body)) assert.ok(row.length <= 6, row.join(" | "));
      }),
      { numRuns: 300 },
    );
  });
});

describe("marker", () => {
  it("refuses a key that could close the HTML comment", () => {
    assert.throws(() => markerOf("a --> b"), /must be letters, digits/);
  });
});
