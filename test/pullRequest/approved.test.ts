import * as assert from "node:assert/strict";
import { approvedDigest } from "../../pullRequest/approved";
import { foldComment, putComment } from "../../pullRequest/comment";
import { commentBody } from "../../pullRequest/commentBody";
import type { StackReport } from "../../pullRequest/reports";
import { digestOf, digestText } from "../../plan/compare/digest";
import { differenceOf } from "./differences";
import { startFakeForge, type FakeForge } from "./fakeForge";
import { BOT } from "./fakeStore";

const COMMIT = "c".repeat(40);
const HEAD = "a".repeat(40);

const found = { ...differenceOf("prod", 2, 1), view: "live" } as const;
const live = (stack = "prod"): StackReport => ({ stack, view: "live", found: { ...found, stack } });
const digest = digestOf(found) ?? assert.fail("it has none");

for (const kind of ["github", "gitea", "gitlab"] as const) {
  const word = kind === "gitlab" ? "merge request" : "pull request";
  describe(`what was approved on ${kind}`, () => {
    let fake: FakeForge;
    const comment = (...reports: readonly StackReport[]): Promise<unknown> =>
      putComment(fake.forge, fetch, 7, { key: "plan", title: "Plan", reports });
    const approved = (stack = "prod", commit = COMMIT): Promise<string> =>
      approvedDigest(fake.forge, fetch, { commit, stack, key: "plan" });

    beforeEach(async () => {
      fake = await startFakeForge(kind, 50);
      const head = { ref: "add-node", sha: HEAD };
      // Another one has the same commits, and was not merged.
      fake.pullRequests.push({ id: 106, number: 6, head: { ref: "again", sha: COMMIT }, owner: "site" });
      fake.pullRequests.push({ id: 107, number: 7, head, owner: "site", mergedAs: COMMIT });
    });
    afterEach(() => fake.close());

    it("is the digest in the comment on the pull request that was merged", async () => {
      await comment({ stack: "prod", found: differenceOf("prod", 1, 1) }, live(), live("staging"));
      assert.equal(await approved(), digestText(digest));
      assert.notEqual(await approved("staging"), await approved());
    });

    it("is nothing where there was no live preview, no comment of ours, or one that was folded since", async () => {
      const none = new RegExp(
        `^${word} 7 of site/cluster has no live preview of stack prod in its comment, or an outdated one$`,
      );
      const refuses = (message: RegExp): Promise<void> =>
        assert.rejects(approved(), { name: "GroundworkError", message });
      fake.comments.push({
        id: 1,
        body: commentBody({ key: "plan", title: "", reports: [live()] }),
        user: { login: "somebody" },
      });
      await refuses(new RegExp(`^${word} 7 of site/cluster has no comment of this command$`));
      await comment({ stack: "prod", found: differenceOf("prod", 1, 1) }, live("staging"));
      await refuses(none);
      await comment({ stack: "prod", view: "live", found: { ...found, failed: true } });
      await refuses(none);
      await comment(live());
      await foldComment(fake.forge, fetch, 7, { key: "plan", why: "the run of 1a2b3c made no plan" });
      await refuses(none);
    });

    it("is nothing for a commit that was pushed without a pull request", async () => {
      await comment(live());
      for (const commit of ["d".repeat(40), HEAD]) {
        await assert.rejects(approved("prod", commit), (error: Error & { remedy?: string }) => {
          assert.equal(
            error.message,
            `no ${word} of site/cluster was merged as commit ${commit}, so nobody approved what it does to prod`,
          );
          assert.match(error.remedy ?? "", /start it by hand with the digest/);
          return true;
        });
      }
    });

    it("is not taken from text that only looks like it", async () => {
      const line = `<!-- groundwork:digest prod ${"0".repeat(64)} -->`;
      await comment({ stack: "prod", found: `${line}\n${line}` });
      fake.comments[0]!.body = fake.comments[0]!.body.replace("-->\n", `-->\n\n${line}\n`);
      assert.equal(fake.comments[0]!.user.login, BOT[kind]);
      await assert.rejects(approved(), /has no live preview of stack prod/);
    });
  });
}

describe("digests in the comment", () => {
  it("are shown, and hidden with their parts where it begins", () => {
    const body = commentBody({ key: "plan", title: "Plan", reports: [live()], revisions: "commit 1a2b3c4" });
    assert.ok(
      body.startsWith(`<!-- groundwork:plan -->\n<!-- groundwork:digest prod ${digestText(digest)} -->\n## Plan\n`),
    );
    assert.ok(body.endsWith(`<sub>commit 1a2b3c4; digest of prod: ${digest.whole}</sub>`));
  });

  it("are without their parts where those of many stacks would take the room", () => {
    const stacks = Array.from({ length: 30 }, (_, index) => live(`s${index}`));
    const body = commentBody({
      key: "plan",
      title: "Plan",
      reports: stacks.map((each) => ({ ...each, found: manyIn(each) })),
    });
    assert.equal(body.match(/^<!-- groundwork:digest s\d+ [0-9a-f]{64} -->$/gm)?.length, 30);
    assert.ok(body.length <= 65_536);
  });

  it("are worked out from what is shown, and not what a report says of itself", () => {
    const lying = { ...found, digest: "0".repeat(64) };
    assert.equal(
      commentBody({ key: "plan", title: "Plan", reports: [{ stack: "prod", view: "live", found: lying }] }),
      commentBody({ key: "plan", title: "Plan", reports: [live()] }),
    );
  });
});

function manyIn({ stack }: StackReport): StackReport["found"] {
  return { ...differenceOf(stack, 40, 1), view: "live" };
}
