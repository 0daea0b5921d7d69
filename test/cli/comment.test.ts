import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { main } from "../../cli/groundwork";
import { plainPaint } from "../../plan/render/paint";
import { differenceOf } from "../pullRequest/differences";
import { tablesOf } from "../plan/parsedMarkdown";
import { startFakeForge, type FakeForge } from "../pullRequest/fakeForge";

describe("groundwork comment", () => {
  let directory: string;
  let fake: FakeForge;
  let printed: string;
  const report = (name: string, text: string): void => fs.writeFileSync(path.join(directory, "reports", name), text);
  const run = (args: readonly string[], env: Record<string, string> = {}): Promise<number> => {
    printed = "";
    const write = (text: string): void => {
      printed += text;
    };
    return main(["comment", "--reports", "reports", ...args], {
      cwd: directory,
      env,
      width: 100,
      paint: plainPaint,
      out: write,
      err: write,
    });
  };
  const inWorkflow = (): Record<string, string> => ({
    GITEA_ACTIONS: "true",
    GITHUB_API_URL: fake.forge.api,
    GITHUB_REPOSITORY: "site/cluster",
    GITHUB_TOKEN: "t0ken-value",
  });

  beforeEach(async () => {
    fake = await startFakeForge("gitea", 50);
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "groundwork-comment-"));
    fs.mkdirSync(path.join(directory, "reports"));
    report("dev.json", JSON.stringify(differenceOf("dev", 1, 1)));
  });
  afterEach(async () => {
    fs.rmSync(directory, { recursive: true });
    await fake.close();
  });

  it("writes one comment from what a workflow knows", async () => {
    assert.equal(await run(["--pull-request", "7"], inWorkflow()), 0, printed);
    assert.equal(printed, "comment: created comment 9000 on pull request 7 of site/cluster\n");
    assert.match(fake.comments[0]!.body, /\| dev \| 1 release changed \|/);
  });

  it("writes a note from what a pipeline of GitLab knows, and folds it", async () => {
    const gitlab = await startFakeForge("gitlab", 100);
    const env = {
      GITLAB_CI: "true",
      CI_API_V4_URL: gitlab.forge.api,
      CI_PROJECT_PATH: "site/cluster",
      CI_MERGE_REQUEST_IID: "7",
      GITLAB_TOKEN: "t0ken-value",
    };
    try {
      assert.equal(await run([], env), 0, printed);
      assert.equal(printed, "comment: created comment 9000 on merge request 7 of site/cluster\n");
      assert.equal(await run(["--outdated", "no plan was made"], env), 0, printed);
      assert.equal(printed, "comment: folded comment 9000 on merge request 7 of site/cluster\n");
    } finally {
      await gitlab.close();
    }
  });

  it("finds the pull request by its head, and writes nothing when it moved on", async () => {
    fake.pullRequests.push({ id: 1, number: 7, head: { ref: "add-node", sha: "abc" }, owner: "fork" });
    const head = ["--head-owner", "fork", "--head-branch", "add-node", "--head-sha"];
    assert.equal(await run([...head, "abc"], inWorkflow()), 0, printed);
    assert.match(printed, /created comment 9000 on pull request 7/);
    assert.equal(await run([...head, "abd"], inWorkflow()), 0, printed);
    assert.match(printed, /no open pull request has this commit as its head any more/);
  });

  it("prints the comment without a forge", async () => {
    assert.equal(await run(["--dry-run"]), 0);
    assert.match(printed, /^<!-- groundwork:plan -->\n## What this changes in the clusters\n/);
  });

  it("reads ordinary files with a stack's name and no others", async () => {
    report("../secret", "s3cret");
    fs.symlinkSync(path.join(directory, "secret"), path.join(directory, "reports", "prod.txt"));
    report("| @all.txt", "x");
    report("old.md", "x");
    report("staging.txt", "The plan cannot be made:\nbecause");
    fs.mkdirSync(path.join(directory, "reports", "folder.json"));
    assert.equal(await run(["--dry-run"]), 0);
    assert.deepEqual(printed.match(/^\| .* \|$/gm)?.slice(0, 4), [
      "| stack | what changes |",
      "| --- | --- |",
      "| dev | 1 release changed |",
      "| staging | The plan cannot be made: |",
    ]);
    assert.match(printed, /^```text\nbecause\n```$/m);
  });

  it("names a file that is no difference and says why, beside the other stacks, and fails", async () => {
    const { changes, ...rest } = differenceOf("x", 1, 1);
    const cases: Record<string, readonly [text: string, why: string]> = {
      a: ["{", "is not JSON"],
      b: [
        JSON.stringify({ format: 3 }),
        "is no difference of format 2: write it with 'groundwork plan --against REF --format json'",
      ],
      c: [
        JSON.stringify({ ...rest, changes: [{ ...changes[0], notes: ["a", { "@all": "<img>" }] }] }),
        "is not as 'groundwork plan' writes it: changes.0.notes.1: Invalid input: expected string, received object",
      ],
      d: [" ".repeat(64 * 1024 * 1024 + 1), "is too large"],
    };
    for (const [stack, [text]] of Object.entries(cases)) report(`${stack}.json`, text);
    assert.equal(await run(["--pull-request", "7"], inWorkflow()), 1);
    const lines = Object.entries(cases).map(([stack, [, why]]) => `${stack}.json ${why}`);
    assert.equal(
      printed,
      `comment: created comment 9000 on pull request 7 of site/cluster\ngroundwork: comment: ${lines.join("; ")}\n`,
    );
    assert.deepEqual(
      tablesOf(fake.comments[0]!.body)
        .slice(1, 6)
        .map(([, what]) => what),
      [...lines, "1 release changed"],
    );
  });

  it("says in one line what is missing", async () => {
    const cases: readonly (readonly [args: string[], without: string, message: string])[] = [
      [
        ["--pull-request", "7"],
        "GITHUB_API_URL",
        "--api: write the base of the forge's API, e.g. https://api.github.com",
      ],
      [["--pull-request", "7"], "GITHUB_REPOSITORY", "--repository: write it as owner/name"],
      [
        ["--pull-request", "7"],
        "GITHUB_TOKEN",
        "no token: set GROUNDWORK_COMMENT_TOKEN in the environment, or use --dry-run",
      ],
      [
        ["--pull-request", "7", "--pages-at", "javascript:alert(1)"],
        "",
        "--pages-at: write an address, e.g. https://example.org/run/1",
      ],
      [
        ["--pull-request", "7", "--full-text-at", "x> @all"],
        "",
        "--full-text-at: write an address, e.g. https://example.org/run/1",
      ],
      [["--pull-request", "7/../8"], "", "--pull-request: write its number, e.g. 7"],
      [["--head-sha", "abc"], "", "write --pull-request, or --head-owner, --head-branch and --head-sha together"],
    ];
    for (const [args, without, message] of cases) {
      const env = Object.fromEntries(Object.entries(inWorkflow()).filter(([name]) => name !== without));
      assert.equal(await run(args, env), 2);
      assert.equal(printed, `groundwork: ${message}\n`);
    }
  });

  it("fails with the forge's reason and without a stack trace", async () => {
    fake.refusal = { status: 403, body: '{"message":"token is read-only"}' };
    assert.equal(await run(["--pull-request", "7"], inWorkflow()), 1);
    assert.match(
      printed,
      /^groundwork: comment: http:\/\/127\.0\.0\.1:\d+\/api\/v1 answered 403 to GET [^\n]*: token is read-only; [^\n]*\n$/,
    );
  });
});
