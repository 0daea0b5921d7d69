import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeForge, type FakeForge } from "../pullRequest/fakeForge";
import { LIVE_STACK, recordedPreview } from "../plan/livePreviews";
import { groundworkCommand, type Captured } from "./capture";

describe("groundwork plan --expect", () => {
  let directory: string;
  const plan = (...args: readonly string[]): Promise<Captured> =>
    groundworkCommand(["plan", "--stack", LIVE_STACK, ...args], { cwd: directory });
  const preview = (name: string): string => {
    writeFileSync(join(directory, `${name}.json`), recordedPreview(name));
    return `${name}.json`;
  };

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-expect-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: groundwork\nruntime: nodejs\n");
    writeFileSync(join(directory, `Pulumi.${LIVE_STACK}.yaml`), "config: {}\n");
  });
  after(() => rmSync(directory, { recursive: true }));

  it("holds a preview to the digest that another one told, and to its report", async () => {
    const { out } = await plan("--live", preview("upgrade"));
    const digest = /\nDigest: ([0-9a-f]{64})\n$/.exec(out)?.[1] ?? assert.fail(out);
    const report = await plan("--live", "upgrade.json", "--json");
    assert.equal((JSON.parse(report.out) as { digest: string }).digest, digest);
    writeFileSync(join(directory, "approved.json"), report.out);
    for (const approved of [digest, "approved.json"]) {
      const { code, err } = await plan("--live", "upgrade.json", "--expect", approved);
      assert.deepEqual([code, err], [0, ""]);
    }
    const refused = await plan("--live", preview("added"), "--expect", "approved.json");
    assert.equal(refused.code, 1);
    assert.match(refused.out, /agent-2/, "what would be done now is shown");
    assert.match(
      refused.err,
      /^groundwork: lab-report: what would be done now is not what was approved; nothing was done\. Was not to change: node agent-2, [^\n]*\n$/,
    );
  });

  it("makes the engine's plan of an approved preview ready for up, and of no other", async () => {
    const saved = {
      resourcePlans: { k8s: { goal: { type: "pulumi:providers:kubernetes", ignoreChanges: ["kubeconfig"] } } },
    };
    const file = join(directory, "plan.json");
    writeFileSync(file, JSON.stringify(saved));
    const args = ["--live", preview("same"), "--engine-plan", "plan.json"];
    assert.equal((await plan(...args, "--expect", "0".repeat(64))).code, 1);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), saved);
    assert.equal((await plan(...args)).code, 0);
    assert.doesNotMatch(readFileSync(file, "utf8"), /ignoreChanges/);
  });

  it("holds to nothing what failed", async () => {
    const failed = await plan("--live", preview("failed"), "--expect", "0".repeat(64));
    assert.equal(failed.code, 1);
    assert.match(failed.err, /the preview failed, so it is not what was approved; nothing was done/);
    writeFileSync(join(directory, "approved.json"), (await plan("--live", "failed.json", "--json")).out);
    const { code, err } = await plan("--live", preview("same"), "--expect", "approved.json");
    assert.deepEqual([code, err], [2, "groundwork: --expect: approved.json is of a preview that failed\n"]);
  });

  it("says in one line what it cannot be held to", async () => {
    preview("same");
    writeFileSync(join(directory, "list.json"), "[]");
    const cases: readonly (readonly [args: string[], message: RegExp])[] = [
      [["--expect", "0".repeat(64)], /^groundwork: --expect goes with --live or --against: /],
      [
        ["--live", "same.json", "--expect", "0".repeat(63)],
        /--expect: '0{63}' is no digest \(64 hexadecimal digits\), and no file/,
      ],
      [["--live", "same.json", "--expect", "same.json"], /--expect: same\.json is no difference of format 2/],
      [["--live", "same.json", "--expect", ""], /--expect: '' is no digest/],
      [["--engine-plan", "same.json"], /--engine-plan goes with --live: /],
      [["--live", "same.json", "--engine-plan", "no.json"], /--engine-plan: cannot read or write no\.json: ENOENT/],
      [
        ["--live", "same.json", "--engine-plan", "list.json"],
        /--engine-plan list\.json: it is no plan of the engine; /,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await plan(...args);
      assert.equal(code, 2, err);
      assert.match(err, message);
      assert.equal(err.trimEnd().split("\n").length, 1);
    }
  });
});

describe("groundwork plan --page", () => {
  it("writes the page beside what is printed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-page-"));
    try {
      const args = ["plan", "--stack", "dev", "--json", "--page", join(directory, "dev.html")];
      const { code, out } = await groundworkCommand(args);
      assert.equal(code, 0);
      assert.equal((JSON.parse(out) as { stack: string }).stack, "dev");
      assert.match(readFileSync(join(directory, "dev.html"), "utf8"), /^<!doctype html>/i);
      const refused = await groundworkCommand([...args.slice(0, -1), join(directory, "no/dev.html")]);
      assert.match(refused.err, /--page: cannot write .*: ENOENT\n$/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("verbs on a forge, beside the comment", () => {
  let fake: FakeForge;
  let directory: string;
  const run = (...args: readonly string[]): Promise<Captured> =>
    groundworkCommand(args, {
      cwd: directory,
      env: {
        GITEA_ACTIONS: "true",
        GITHUB_API_URL: fake.forge.api,
        GITHUB_REPOSITORY: "site/cluster",
        GITHUB_TOKEN: "t0ken-value",
      },
    });

  beforeEach(async () => {
    fake = await startFakeForge("gitea", 50);
    directory = mkdtempSync(join(tmpdir(), "groundwork-forge-"));
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true });
    await fake.close();
  });

  it("digest: says who did not approve, and asks for a whole commit", async () => {
    const refused = await run("digest", "--stack", "prod", "--merged-as", "c".repeat(40));
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /^groundwork: no pull request of site\/cluster was merged as commit c{40}, so nobody approved/,
    );
    assert.deepEqual(await run("digest", "--stack", "prod", "--merged-as", "main"), {
      code: 2,
      out: "",
      err: "groundwork: --merged-as: write all 40 digits of the commit\n",
    });
    fake.refusal = { status: 403, body: "" };
    assert.match(
      (await run("digest", "--stack", "prod", "--merged-as", "c".repeat(40))).err,
      /^groundwork: digest: .*403/,
    );
  });

  it("issue: reads what drift writes, and a stack without a report is not taken for one without drift", async () => {
    const finding = {
      check: "file",
      where: "atlas",
      level: "error",
      message: "k3s.service is missing",
      remedy: "up",
      mendedBy: "up",
    };
    const drift = (findings: readonly object[]): string =>
      JSON.stringify({
        stack: "prod",
        findings,
        behind: [],
        notAsked: [],
        api: null,
        changed: [{ lines: ["+a secret"] }],
      });
    writeFileSync(join(directory, "prod.json"), drift([finding]));
    assert.equal((await run("issue", "--reports", ".")).out, "issue: created issue 1 of site/cluster\n");
    assert.match(fake.issues[0]!.body, /k3s\.service is missing/);
    assert.doesNotMatch(fake.issues[0]!.body, /a secret/);
    writeFileSync(join(directory, "prod.json"), drift([]));
    const all = ["issue", "--reports", ".", "--stacks", '["dev", "prod"]'];
    assert.equal((await run(...all)).out, "issue: updated issue 1 of site/cluster\n");
    assert.match(fake.issues[0]!.body, /### `dev`\n\n- not compared: no report was made: see the run/);
    writeFileSync(join(directory, "dev.txt"), "The machines could not be compared: see the job's log.\n");
    assert.equal((await run(...all)).out, "issue: updated issue 1 of site/cluster\n");
    writeFileSync(join(directory, "dev.json"), drift([]));
    rmSync(join(directory, "dev.txt"));
    assert.equal((await run(...all)).out, "issue: closed issue 1 of site/cluster\n");
    assert.equal(
      (await run(...all)).out,
      "issue: none is open in site/cluster, and there is no drift to open one for\n",
    );
    assert.equal((await run(...all, "--dry-run")).out, "issue: there is no drift, and so no issue\n");
  });

  it("issue: names a report that is none, and a list that is none", async () => {
    writeFileSync(join(directory, "dev.json"), "{");
    writeFileSync(join(directory, "prod.json"), '{"findings": [1]}');
    const { out } = await run("issue", "--reports", ".", "--dry-run");
    assert.match(out, /not compared: dev\.json is not JSON/);
    assert.match(out, /not compared: prod\.json is not as 'groundwork drift --json' writes it/);
    assert.match((await run("issue", "--reports", ".", "--stacks", "dev")).err, /--stacks: write a list in JSON/);
    assert.match((await run("issue", "--reports", "nowhere")).err, /--reports: cannot read .*nowhere: ENOENT/);
  });
});
