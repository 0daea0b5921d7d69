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
];

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
      for (const [name, job] of jobs) assert.ok((job["timeout-minutes"] ?? Infinity) <= 30, name);
    });

    it("leaves no token behind in the checkout", () => {
      for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@") === true)) {
        assert.equal(step.with?.["persist-credentials"], false);
      }
    });

    it("hands secrets to the engine's preview only, after an approval, and never to a fork", () => {
      for (const [name, job] of jobs) {
        const hasSecret = JSON.stringify(job).includes("secrets.");
        assert.equal(hasSecret, name === "preview", name);
        if (!hasSecret) continue;
        // A person starts it for one commit, or the forge asks a person before it begins.
        const isStartedByHand = Object.keys(workflow.on).join() === "workflow_dispatch";
        if (isStartedByHand) continue;
        assert.notEqual(job.environment, undefined);
        assert.match(job.if ?? "", /head\.repo\.full_name == github\.repository$/);
      }
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
        readonly environment?: { readonly name: string };
        readonly rules?: readonly { readonly if: string; readonly when: string }[];
      }
    >
  >;

  it("runs for merge requests only, each job in a stage that there is and for a limited time", () => {
    assert.match(JSON.stringify(workflow), /merge_request_event/);
    assert.match(JSON.stringify(common), /node:24/);
    for (const [name, { stage, timeout }] of Object.entries(all)) {
      assert.ok(stages.includes(stage), name);
      assert.match(timeout, /^\d+ minutes$/, name);
    }
  });

  it("starts the engine's preview by a person only, where its secrets are", () => {
    const withEngine = Object.entries(all).filter(([, job]) => JSON.stringify(job).includes("live-diff"));
    assert.deepEqual(
      withEngine.map(([name, { rules, environment }]) => [name, rules?.map(({ when }) => when), environment?.name]),
      [["preview", ["manual"], "preview"]],
    );
  });
});
