import * as assert from "node:assert/strict";
import { Secret } from "../../config/secret";
import { foldComment, putComment, pullRequestOf } from "../../pullRequest/comment";
import type { CommentContent } from "../../pullRequest/commentBody";
import { startFakeForge, type FakeForge } from "./fakeForge";
import { BOT } from "./fakeStore";

const content = (summary: string): CommentContent => ({
  key: "plan",
  title: "Plan",
  reports: [{ stack: "dev", found: summary }],
});

for (const kind of ["github", "gitea", "gitlab"] as const) {
  const comments = kind === "gitlab" ? "/merge_requests/7/notes" : "/issues/7/comments";
  const word = kind === "gitlab" ? "merge request" : "pull request";
  describe(`pull-request comment on ${kind}`, () => {
    let fake: FakeForge;
    const others = (count: number): void => {
      for (let id = 1; id <= count; id++) fake.comments.push({ id, body: `remark ${id}`, user: { login: "somebody" } });
    };
    const put = (summary: string): ReturnType<typeof putComment> => putComment(fake.forge, fetch, 7, content(summary));

    beforeEach(async () => {
      fake = await startFakeForge(kind, kind === "gitea" ? 50 : 100);
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
      assert.deepEqual(
        [...new Set(fake.requests.map(({ authorization }) => authorization))],
        [kind === "gitlab" ? "t0ken-value" : "token t0ken-value"],
      );
      fake.refusal = { status: 302, body: "", headers: { location: "http://127.0.0.1:9/elsewhere" } };
      await assert.rejects(put("newer"), new RegExp(`cannot be reached for GET ${comments}`));
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
        new RegExp(`answered 403 to GET ${comments}: Resource not accessible by integration; the token needs`),
      );
      await fails(404, '{"message":"Not Found"}', /has no repository 'site\/cluster', or the token may not see it/);
      await fails(401, "", /the token is not valid there/);
      await fails(502, "<html>bad gateway</html>", /answered 502 to GET [^;]*; the forge itself failed/);
      await fails(500, '{"message":""}', /answered 500 to GET [^;]*; the forge itself failed: try again later/);
      await fails(200, "<html>sign in</html>", /something that is not JSON/);
      await fails(200, "{}", new RegExp(`did not answer ${comments} with a list`));
    });

    it("says in plain words that there is no such pull request", async () => {
      await assert.rejects(
        putComment(fake.forge, fetch, 8, content("new")),
        new RegExp(`^ForgeError: there is no ${word} 8 in site/cluster, or the token may not see it; check`),
      );
      await assert.rejects(
        putComment({ ...fake.forge, repository: "site/other" }, fetch, 7, content("new")),
        /has no repository 'site\/other', or the token may not see it/,
      );
    });

    it("waits where the limit of requests is reached for a moment, and says how long where it is not", async () => {
      const limited = kind === "github" ? 403 : 429;
      fake.refusal = { status: limited, body: "Retry later", headers: { "retry-after": "0" }, times: 2 };
      assert.equal((await put("new")).did, "created");
      fake.refusal = { status: limited, body: "", headers: { "retry-after": "1800" } };
      await assert.rejects(put("newer"), /its limit of requests is reached; try again in 1800 s$/);
      const reset = String(Math.round(Date.now() / 1000) + 600);
      const named: Record<string, string> =
        kind === "gitlab" ? { "ratelimit-reset": reset } : { "x-ratelimit-reset": reset };
      fake.refusal = { status: limited, body: "", headers: { "x-ratelimit-remaining": "0", ...named } };
      await assert.rejects(put("newer"), /try again in (59\d|60\d) s$/);
    });

    it("folds what is outdated: a second comment, and one whose run made no report, until the next does", async () => {
      await put("One node changes.");
      fake.comments.push({ id: 500, body: "<!-- groundwork:plan -->\nfrom another run", user: { login: BOT[kind] } });
      await put("Two nodes change.");
      assert.match(fake.comments[0]!.body, /Two nodes change\./);
      assert.match(
        fake.comments[1]!.body,
        /^<!-- groundwork:plan -->\n<details><summary>Outdated: there is a newer one above<\/summary>\n\nfrom another run\n<\/details>\n$/,
      );
      fake.comments.pop();
      const fold = (why: string) => foldComment(fake.forge, fetch, 7, { key: "plan", why });
      assert.equal((await fold("the run of 1a2b3c failed"))?.did, "folded");
      assert.equal((await fold("the run of 1a2b3c failed"))?.did, "unchanged");
      assert.equal((await fold("the run of 4d5e6f failed"))?.did, "folded");
      assert.match(
        fake.comments[0]!.body,
        /^<!--.*-->\n<details><summary>Outdated: the run of 4d5e6f failed<\/summary>\n\n## Plan/,
      );
      assert.equal(fake.comments[0]!.body.match(/<details>/g)?.length, 1);
      assert.equal((await put("Three nodes change.")).did, "updated");
      assert.match(fake.comments[0]!.body, /^<!-- groundwork:plan -->\n## Plan/);
      assert.equal(fake.comments.length, 1);
    });
  });
}

describe("notes on GitLab", () => {
  it("are not what GitLab notes itself, and another person's token finds its own", async () => {
    const fake = await startFakeForge("gitlab", 100);
    try {
      const marker = "<!-- groundwork:plan -->";
      fake.comments.push({ id: 1, body: `${marker} quoted`, user: { login: BOT.gitlab }, system: true });
      fake.comments.push({ id: 2, body: `${marker}\nold`, user: { login: "somebody" } });
      assert.equal((await putComment(fake.forge, fetch, 7, content("new"))).did, "created");
      assert.equal((await putComment(fake.forge, fetch, 7, content("new"), ["somebody"])).id, 2);
      assert.ok(fake.requests.some(({ line }) => line === "GET /api/v4/user"));
    } finally {
      await fake.close();
    }
  });
});

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
