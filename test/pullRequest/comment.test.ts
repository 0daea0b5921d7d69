import * as assert from "node:assert/strict";
import { Secret } from "../../config/secret";
import { putComment, pullRequestOf } from "../../pullRequest/comment";
import type { CommentContent } from "../../pullRequest/commentBody";
import { BOT, startFakeForge, type FakeForge } from "./fakeForge";

const content = (summary: string): CommentContent => ({
  key: "plan",
  title: "Plan",
  reports: [{ stack: "dev", found: summary }],
});

for (const kind of ["github", "gitea"] as const) {
  describe(`pull-request comment on ${kind}`, () => {
    let fake: FakeForge;
    const others = (count: number): void => {
      for (let id = 1; id <= count; id++) fake.comments.push({ id, body: `remark ${id}`, user: { login: "somebody" } });
    };
    const put = (summary: string): ReturnType<typeof putComment> => putComment(fake.forge, fetch, 7, content(summary));

    beforeEach(async () => {
      fake = await startFakeForge(kind, kind === "github" ? 100 : 50);
    });
    afterEach(() => fake.close());

    it("is created once, then updated, then left alone", async () => {
      assert.equal((await put("No change.")).did, "created");
      assert.equal((await put("One node changes.")).did, "updated");
      assert.equal((await put("One node changes.")).did, "unchanged");
      assert.equal(fake.comments.length, 1);
      assert.match(fake.comments[0]!.body, /^<!-- groundwork:plan -->\n[^]*One node changes\./);
    });

    it("is found again behind many pages of other comments", async () => {
      others(230);
      fake.comments.push({ id: 500, body: "<!-- groundwork:plan -->\r\nold", user: { login: BOT[kind] } });
      others(20);
      assert.deepEqual(await put("new"), { did: "updated", id: 500 });
      assert.equal(fake.requests.filter(({ line }) => line.startsWith("POST")).length, 0);
    });

    it("is not mistaken for one of another key, or for one that somebody else wrote", async () => {
      fake.comments.push({ id: 1, body: "<!-- groundwork:plan-2 -->\nx", user: { login: BOT[kind] } });
      fake.comments.push({ id: 2, body: "<!-- groundwork:plan -->\nx", user: { login: "somebody" } });
      fake.comments.push({ id: 3, body: "see <!-- groundwork:plan -->", user: { login: BOT[kind] } });
      assert.equal((await put("new")).did, "created");
      assert.deepEqual(
        fake.comments.slice(0, 3).map(({ body }) => body.endsWith("x") || body.startsWith("see")),
        [true, true, true],
      );
    });

    it("sends the token to the forge and nowhere else", async () => {
      await put("new");
      assert.deepEqual([...new Set(fake.requests.map(({ authorization }) => authorization))], ["token t0ken-value"]);
      fake.refusal = { status: 302, body: "", location: "http://127.0.0.1:9/elsewhere" };
      await assert.rejects(put("newer"), /cannot be reached for GET \/issues\/7\/comments/);
    });

    it("finds the pull request of a head commit, and none when the branch was pushed to since", async () => {
      const at = (number: number, ref: string, sha: string): void => {
        fake.pullRequests.push({ id: 100 + number, number, head: { ref, sha }, owner: "fork" });
      };
      for (let number = 1; number <= 120; number++) at(number, `other-${number}`, "a".repeat(40));
      at(121, "add-node", "b".repeat(40));
      const head = { owner: "fork", branch: "add-node", sha: "b".repeat(40) };
      assert.equal(await pullRequestOf(fake.forge, fetch, head), 121);
      assert.equal(await pullRequestOf(fake.forge, fetch, { ...head, sha: "c".repeat(40) }), undefined);
      assert.equal(await pullRequestOf(fake.forge, fetch, { ...head, branch: "x&state=closed" }), undefined);
    });

    it("fails with one line that says what the forge said, and never with the token", async () => {
      const fails = async (status: number, body: string, expected: RegExp): Promise<void> => {
        fake.refusal = { status, body };
        await assert.rejects(put("new"), (error: Error) => {
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /\n|t0ken/);
          return true;
        });
      };
      await fails(
        403,
        '{"message":"Resource not accessible by integration"}',
        /answered 403 to GET \/issues\/7\/comments: Resource not accessible by integration; the token needs/,
      );
      await fails(404, '{"message":"Not Found"}', /check the repository 'site\/cluster'/);
      await fails(401, "", /the token is not valid there/);
      await fails(502, "<html>bad gateway</html>", /answered 502 to GET \/issues\/7\/comments$/);
      await fails(
        500,
        '{"message":""}',
        kind === "gitea"
          ? /answered 500 .*; Gitea answers so where there is no such pull request/
          : /answered 500 [^;]*$/,
      );
      await fails(200, "<html>sign in</html>", /something that is not JSON/);
      await fails(200, "{}", /did not answer \/issues\/7\/comments with a list/);
    });
  });
}

describe("pull-request comment on an unusual server", () => {
  it("stops at a server that knows no pages", async () => {
    const fake = await startFakeForge("gitea", undefined);
    fake.comments.push({ id: 1, body: "remark", user: { login: "somebody" } });
    await putComment(fake.forge, fetch, 7, content("new"));
    assert.deepEqual(
      fake.requests.map(({ line }) => line.split(" ")[0]),
      ["GET", "GET", "POST"],
    );
    await fake.close();
  });

  it("says that nothing listens there", async () => {
    const fake = await startFakeForge("github", 100);
    await fake.close();
    await assert.rejects(
      putComment({ ...fake.forge, token: Secret.of("x") }, fetch, 7, content("new")),
      /cannot be reached for GET \/issues\/7\/comments: .*ECONNREFUSED/,
    );
  });
});
