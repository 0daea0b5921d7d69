import * as assert from "node:assert/strict";
import { putIssue, issueBody, type IssueContent } from "../../pullRequest/driftIssue";
import type { DriftReport } from "../../pullRequest/driftReports";
import { COMMENT_LIMIT } from "../../plan/render/fitting";
import { tablesOf } from "../plan/parsedMarkdown";
import { startFakeForge, type FakeForge } from "./fakeForge";
import { BOT } from "./fakeStore";

const MARKER = "<!-- groundwork:drift -->";

const prod = (findings: number, unknown: readonly string[] = []): DriftReport => ({
  stack: "prod",
  findings: Array.from({ length: findings }, (_, index) => ({
    where: `node-${index}`,
    message: "/etc/rancher/k3s/config.yaml was changed: 1 line more",
    remedy: "groundwork drift --repair, then up",
  })),
  unknown,
});
const content = (...reports: readonly DriftReport[]): IssueContent => ({ key: "drift", title: "Drift", reports });

for (const kind of ["github", "gitea", "gitlab"] as const) {
  describe(`the issue about drift on ${kind}`, () => {
    let fake: FakeForge;
    const put = (...reports: readonly DriftReport[]): ReturnType<typeof putIssue> =>
      putIssue(fake.forge, fetch, content(...reports));
    const states = (): string[] => fake.issues.map(({ state }) => state);

    beforeEach(async () => {
      fake = await startFakeForge(kind, kind === "gitea" ? 50 : 100);
    });
    afterEach(() => fake.close());

    it("is opened once, updated in place, left alone, and closed when the drift is gone", async () => {
      assert.deepEqual(await put(prod(0)), { did: "left", number: undefined });
      assert.deepEqual(await put(prod(1)), { did: "created", number: 1 });
      assert.equal(fake.issues[0]!.title, "Drift");
      assert.match(fake.issues[0]!.body, /^<!-- groundwork:drift -->\n[^]*node-0/);
      assert.equal((await put(prod(1))).did, "unchanged");
      assert.equal((await put(prod(2))).did, "updated");
      assert.match(fake.issues[0]!.body, /node-1/);
      assert.equal((await put(prod(0))).did, "closed");
      assert.match(
        fake.issues[0]!.body,
        /^<!-- groundwork:drift -->\nNo drift any more: [^\n]*\n\n<details><summary>What had drifted<\/summary>\n\nWhat was found[^]*node-1/,
      );
      assert.deepEqual(states(), ["closed"]);
      assert.deepEqual(await put(prod(0)), { did: "left", number: undefined });
      assert.deepEqual(await put(prod(1)), { did: "created", number: 2 });
      assert.deepEqual(states(), ["closed", "open"]);
    });

    it("is neither opened nor closed by machines that could not be asked, which it names", async () => {
      assert.equal((await put(prod(0, ["atlas: no route to host"]))).did, "left");
      await put(prod(1));
      assert.equal((await put(prod(0, ["atlas: no route to host"]))).did, "updated");
      assert.match(fake.issues[0]!.body, /^- not compared: atlas: no route to host$/m);
      assert.deepEqual(states(), ["open"]);
    });

    it("is found behind many pages, and is not another's issue, a pull request, or one of another key", async () => {
      const at = (number: number, body: string, login: string, more = {}): void => {
        fake.issues.push({ id: 700 + number, number, title: "x", body, state: "open", user: { login }, ...more });
      };
      at(1, `${MARKER}\r\nold`, BOT[kind]);
      at(2, `${MARKER}\nof somebody`, "somebody");
      at(3, "<!-- groundwork:drift-2 -->", BOT[kind]);
      if (kind !== "gitlab") at(4, `${MARKER}\nof a pull request`, BOT[kind], { pull_request: { merged: false } });
      for (let number = 5; number <= 235; number++) at(number, "anything", "somebody");
      assert.deepEqual(await put(prod(1)), { did: "updated", number: 1 });
      assert.deepEqual(
        fake.issues.slice(1, 4).filter(({ body }) => body.includes("node-0")),
        [],
      );
      assert.equal(fake.requests.filter(({ line }) => line.startsWith("POST")).length, 0);
    });

    it("is one: a second, as two runs at once make it, is closed", async () => {
      await put(prod(1));
      fake.issues.push({ ...fake.issues[0]!, id: 702, number: 2 });
      assert.deepEqual(await put(prod(2)), { did: "updated", number: 1 });
      assert.deepEqual(states(), ["open", "closed"]);
      assert.match(fake.issues[1]!.body, /There is an older one: Drift, 1\./);
    });

    it("says which right the token has not", async () => {
      fake.refusal = { status: 403, body: '{"message":"not allowed"}' };
      await assert.rejects(
        put(prod(1)),
        kind === "gitlab"
          ? /answered 403 to GET \/issues: not allowed; the token needs the scope api and the role Reporter/
          : /answered 403 to GET \/issues: not allowed; the token needs the right to write issues \(permissions: issues: write\)$/,
      );
    });
  });
}

describe("the text of the issue about drift", () => {
  it("has a table for each stack, and says which are as their files say", () => {
    const body = issueBody(content({ stack: "dev", findings: [], unknown: [] }, prod(1)));
    assert.deepEqual(tablesOf(body), [
      ["where", "what is so", "what to do"],
      ["node-0", "/etc/rancher/k3s/config.yaml was changed: 1 line more", "groundwork drift --repair, then up"],
    ]);
    assert.match(body, /### `dev`\n\nAs its file says\.\n/);
  });

  it("is text, whatever a machine says of itself", () => {
    const hostile = "</details> @all | [x](https://example.org) `\n/close\n<!-- groundwork:drift -->";
    const body = issueBody(
      content({ stack: "prod", findings: [{ where: hostile, message: hostile, remedy: hostile }], unknown: [hostile] }),
    );
    assert.doesNotMatch(body, /<\/details>|@all|\]\(|^\/close/m);
    assert.equal(body.match(/<!--/g)?.length, 1);
  });

  it("fits where thousands of things have drifted, and counts what it leaves out", () => {
    const body = issueBody({ ...content(prod(5_000), { ...prod(1), stack: "z" }), runAt: "https://example.org/run/1" });
    assert.ok(body.length <= COMMENT_LIMIT);
    assert.match(body, /5000 findings\./);
    assert.match(
      body,
      /1 is shown by name only, because a comment holds 65536 characters\._ All of it: https:\/\/example\.org\/run\/1/,
    );
  });
});
