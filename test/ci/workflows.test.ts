import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

const ROOT = path.join(__dirname, "..", "..");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = [
  ".github/workflows/pull-request.yml",
  ".github/workflows/pull-request-comment.yml",
  ".gitea/workflows/pull-request.yml",
  ".gitea/workflows/preview.yml",
  ".github/workflows/up.yml",
  ".github/workflows/drift.yml",
  ".gitea/workflows/up.yml",
  ".gitea/workflows/drift.yml",
];

/** Events by which a stranger's code is never run. */
const OUR_CODE = ["push", "schedule", "workflow_dispatch"];

for (const file of FILES) {
  describe(file, () => {
    const text = fs.readFileSync(path.join(ROOT, file), "utf8");
    const workflow = parse(text) as Workflow;
    const jobs = Object.entries(workflow.jobs);
    const steps = jobs.flatMap(([, job]) => job.steps);

    it("pins every action by its commit and says which version that is", () => {
      for (const line of text.split("\n").filter((one) => /\buses:/.test(one))) {
        assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    it("puts no expression into a shell command: values come by the environment", () => {
      for (const { run } of steps) assert.doesNotMatch(run ?? "", /\$\{\{/);
    });

    it("gives no job more rights than it says, nor more time than it needs", () => {
      assert.ok(Object.values(workflow.permissions).every((right) => right === "read"));
      assert.notEqual(workflow.concurrency, undefined);
      // An 'up' goes through every node, one after another.
      const longest = (name: string): number => (name === "up" ? 180 : 30);
      for (const [name, job] of jobs) assert.ok((job["timeout-minutes"] ?? Infinity) <= longest(name), name);
    });

    it("leaves no token behind in the checkout", () => {
      for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@") === true)) {
        assert.equal(step.with?.["persist-credentials"], false);
      }
    });

    it("hands secrets to code of ours only: after an approval, or on the default branch", () => {
      const isOurs = Object.keys(workflow.on).every((event) => OUR_CODE.includes(event));
      for (const [name, job] of jobs.filter(([, each]) => JSON.stringify(each).includes("secrets."))) {
        assert.ok(["preview", "up", "compare", "drift"].includes(name), name);
        const isGitea = file.startsWith(".gitea/");
        // GitHub asks a person before it begins, or lets nobody in but the default branch.
        if (!isGitea) assert.notEqual(job.environment, undefined);
        if (isOurs) continue;
        assert.match(job.if ?? "", /head\.repo\.full_name == github\.repository$/);
      }
    });

    it("runs an 'up' on the default branch only, held to a digest", () => {
      if (!file.endsWith("/up.yml")) return;
      assert.deepEqual(workflow.on["push"], { branches: ["main"] });
      assert.deepEqual(
        (workflow.concurrency as { "cancel-in-progress"?: boolean })["cancel-in-progress"] ?? false,
        false,
      );
      const commands = steps.flatMap(({ run }) => run ?? []).join("\n");
      assert.match(commands, /\.ci\/(live-up "\$STACK" "\$DIGEST"|up-merged "\$BEFORE" "\$COMMIT")/);
      assert.doesNotMatch(commands, /pulumi/);
    });
  });
}

describe("the comment on GitHub", () => {
  const commenting = parse(fs.readFileSync(path.join(ROOT, FILES[1]!), "utf8")) as Workflow;
  const planning = parse(fs.readFileSync(path.join(ROOT, FILES[0]!), "utf8")) as Workflow;

  it("is written by a job that never checks out the pull request", () => {
    assert.deepEqual(Object.keys(commenting.on), ["workflow_run"]);
    const checkouts = commenting.jobs["comment"]!.steps.filter(
      ({ uses }) => uses?.startsWith("actions/checkout@") === true,
    );
    assert.deepEqual(
      checkouts.map((step) => step.with),
      [{ "persist-credentials": false }],
    );
  });

  it("leaves the pull request's own code without the right to write", () => {
    assert.deepEqual(Object.keys(planning.on), ["pull_request"]);
    for (const job of Object.values(planning.jobs)) assert.deepEqual(job.permissions, { contents: "read" });
  });
});

describe(".gitlab-ci.yml", () => {
  const text = fs.readFileSync(path.join(ROOT, ".gitlab-ci.yml"), "utf8");
  const {
    stages,
    workflow,
    default: common,
    ...jobs
  } = parse(text) as Record<string, unknown> & {
    readonly stages: readonly string[];
    readonly workflow: unknown;
    readonly default: unknown;
  };
  const all = jobs as Readonly<
    Record<
      string,
      {
        readonly stage: string;
        readonly timeout: string;
        readonly extends?: string;
        readonly environment?: { readonly name: string };
        readonly rules?: readonly { readonly if: string; readonly when: string }[];
      }
    >
  >;

  const jobsIn = Object.entries(all).filter(([name]) => !name.startsWith("."));

  it("has each job in a stage that there is, for one kind of pipeline and a limited time", () => {
    assert.match(JSON.stringify(workflow), /merge_request_event/);
    assert.match(JSON.stringify(common), /node:24/);
    for (const [name, { stage, timeout, rules, extends: base }] of jobsIn) {
      const [rule] = rules ?? all[base ?? ""]?.rules ?? [];
      assert.match(
        rule?.if ?? "",
        /^\$CI_PIPELINE_SOURCE == "merge_request_event"|^\$CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH/,
        name,
      );
      assert.ok(stages.includes(stage), name);
      assert.match(timeout, /^\d+ minutes$/, name);
    }
  });

  it("starts the engine by a person only, where its secrets are", () => {
    const withEngine = jobsIn.filter(([, job]) => /live-diff|up-merged/.test(JSON.stringify(job)));
    assert.deepEqual(
      withEngine.map(([name, { rules, environment }]) => [name, rules?.map(({ when }) => when), environment?.name]),
      [
        ["preview", ["manual"], "preview"],
        ["up", ["manual"], "up"],
      ],
    );
  });
});
