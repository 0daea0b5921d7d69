import * as assert from "node:assert/strict";
import { openTestStack, TestBackend, type TestStackOptions } from "../../automation/testing/testStack";
import { StackError, type SettingsObject, type Stack, type StackEvent, type StackPlan } from "../../automation/stacks";
import { node } from "../config/fixtures";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END OPENSSH PRIVATE KEY-----\n";
const SETTINGS = {
  nodes: [node("s1", { role: "server", address: "10.0.0.11" })],
  ssh: { privateKey: KEY },
  ingress: { controller: "none" },
} as unknown as SettingsObject;
/** One more machine, and other resolvers on all. */
const TWO = {
  ...SETTINGS,
  nodes: [...(SETTINGS.nodes ?? []), node("a1", { address: "10.0.0.12" })],
  dns: { upstream: ["192.168.10.2"] },
} as SettingsObject;

const failing = async (run: PromiseLike<unknown>): Promise<StackError> => {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StackError, `no StackError: ${String(error)}`);
  return error;
};

describe("a stack for tests", () => {
  let backend: TestBackend;
  let clock: number;
  beforeEach(() => {
    clock = Date.parse("2026-11-29T10:00:00Z");
    backend = new TestBackend({ now: () => new Date((clock += 1000)) });
  });
  const open = (more: Partial<TestStackOptions> = {}): Stack =>
    openTestStack({ name: "office", settings: SETTINGS, backend, ...more });
  const steps = (events: readonly StackEvent[]): string[] =>
    events.flatMap((each) => (each.kind === "step" ? [`${each.phase} ${each.operation} ${each.resource.name}`] : []));

  it("previews what the program would create, and leaves nothing", async () => {
    const { changes, counts } = await open().preview();
    const ofNode = changes.filter(({ resource }) => resource.node === "s1").map(({ resource }) => resource.name);
    assert.deepEqual(ofNode, ["s1", "s1-token", "s1-drain", "s1", "s1-ready"]);
    assert.deepEqual(counts, { create: changes.length });
    assert.deepEqual(backend.stacks, []);
  });

  it("remembers what up did, tells what a change would do, and does that", async () => {
    const { outputs } = await open().up();
    assert.equal(outputs.apiUrl, "https://10.0.0.11:6443");
    assert.equal(String(outputs.kubeconfig), "[secret]");
    assert.deepEqual((await open().preview()).changes, []);

    const later = open({ settings: TWO });
    const { changes, counts } = await later.preview();
    const added = changes.filter(({ operation }) => operation === "create").map(({ resource }) => resource.node);
    assert.deepEqual(new Set(added), new Set(["a1"]));
    const ready = changes.find(({ resource }) => resource.name === "s1-ready");
    assert.deepEqual(ready?.properties, [{ path: "stdin", change: "update", replaces: false }]);

    const events: StackEvent[] = [];
    const run = later.up();
    for await (const event of run.events) events.push(event);
    assert.deepEqual((await run).counts, counts);
    assert.deepEqual(
      steps(events).filter((step) => step.startsWith("done")),
      changes.map(({ operation, resource }) => `done ${operation} ${resource.name}`),
    );
    assert.equal(events.at(-1)?.kind, "summary");

    const gone = (await open().preview()).changes.filter(({ operation }) => operation === "delete");
    assert.deepEqual(
      gone.map(({ resource }) => resource.name),
      ["a1-ready", "a1", "a1-drain", "a1-token", "a1"],
    );
  });

  it("fails where a test says so, keeps what was done, and goes on from there", async () => {
    const events: StackEvent[] = [];
    const broken = open({ failures: { "s1-ready": `error: s1: no quorum, with c2VjcmV0LXNlY3JldA==` } });
    const error = await failing(broken.up({ onEvent: (event) => events.push(event) }));
    assert.deepEqual(
      [error.code, error.message],
      ["failed", "stack 'office': up failed:\n  s1-ready: error: s1: no quorum, with [secret]"],
    );
    assert.deepEqual(
      error.failures.map(({ resource }) => [resource.name, resource.node]),
      [["s1-ready", "s1"]],
    );
    assert.equal(steps(events).at(-1), "failed create s1-ready");
    const left = (await open().preview()).changes.map(({ resource }) => resource.name);
    assert.equal(left[0], "s1-ready");
    await open().up({ message: "again" });
    assert.deepEqual(
      (await open().history()).map(({ version, operation, result, message }) => [version, operation, result, message]),
      [
        [2, "up", "succeeded", "again"],
        [1, "up", "failed", ""],
      ],
    );
  });

  it("tells a history with times and counts, the newest first", async () => {
    const { counts } = await open().up();
    await open({ settings: undefined }).destroy();
    const [newest, ...others] = await open().history({ limit: 1 });
    assert.deepEqual(others, []);
    assert.deepEqual(newest, {
      version: 2,
      operation: "destroy",
      result: "succeeded",
      start: new Date("2026-11-29T10:00:03Z"),
      end: new Date("2026-11-29T10:00:04Z"),
      changes: { delete: counts.create },
      message: "",
    });
    assert.equal((await failing(open().history({ limit: 0 }))).code, "invalid-settings");
  });

  it("does what a plan says, and nothing else", async () => {
    await open().up();
    const { plan } = await open({ settings: TWO }).preview();
    const kept = JSON.parse(JSON.stringify(plan)) as StackPlan;
    assert.ok(!JSON.stringify(kept).includes("c2VjcmV0"));

    const settings = await failing(open().up({ plan: kept }));
    assert.deepEqual([settings.code, settings.problems.map(({ path }) => path)], ["plan-differs", ["dns", "nodes"]]);
    const stack = await failing(open({ name: "other", settings: TWO }).up({ plan: kept }));
    assert.equal(stack.problems[0]?.problem, "the plan is for stack 'office'");
    const broken = await failing(open({ settings: TWO }).up({ plan: { format: 1 } as never }));
    assert.deepEqual([broken.code, broken.problems[0]?.path], ["invalid-settings", "plan"]);

    backend.drift("office", "s1-ready");
    await open().refresh();
    const drifted = await failing(open({ settings: TWO }).up({ plan: kept }));
    assert.deepEqual(drifted.problems, [
      { path: "s1-ready", problem: "would be done: create; planned: update", remedy: "" },
    ]);
    await open().up();
    assert.ok(((await open({ settings: TWO }).up({ plan: kept })).counts.create ?? 0) > 0);
  });

  it("finds drift by a refresh, which the next preview would mend", async () => {
    await open().up();
    backend.drift("office", "s1-drain", { stdin: "by hand" });
    assert.deepEqual((await open().preview()).changes, []);
    assert.equal((await open({ settings: undefined }).refresh()).counts.update, 1);
    const [change] = (await open().preview()).changes;
    assert.deepEqual([change?.resource.name, change?.operation], ["s1-drain", "update"]);
  });

  it("is held by one operation at a time, and freed by cancel when its holder is gone", async () => {
    await open().up();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const run = open({ settings: TWO, beforeStep: () => held }).up();
    await new Promise(setImmediate);
    const [first] = await Promise.all([
      (async () => {
        for await (const _ of run.events) return;
      })(),
      (async () => {
        while ((await failing(open({ settings: undefined }).destroy())).code !== "locked");
        release();
      })(),
    ]);
    assert.equal(first, undefined);
    await run;
    backend.lock("office", "ann@desk (pid 7)");
    assert.match((await failing(open().up())).message, /created by ann@desk \(pid 7\)/);
    await open().cancel();
    await open().up();
  });

  it("is cancelled in the middle, by the run or by the stack, and keeps what was done", async () => {
    const taken: string[] = [];
    const stack = open({
      beforeStep: ({ resource }) => {
        taken.push(resource.name);
        // A step that never ends, as a host that does not answer.
        return resource.name === "s1-ready" ? new Promise(() => undefined) : undefined;
      },
    });
    for (const stop of ["run", "stack"] as const) {
      const run = stack.up();
      const ended = failing(run);
      while (taken.at(-1) !== "s1-ready") await new Promise(setImmediate);
      taken.push("");
      await (stop === "run" ? run.cancel() : stack.cancel());
      assert.equal((await ended).code, "cancelled");
    }
    assert.equal((await open().preview()).changes[0]?.resource.name, "s1-ready");
  });

  it("is exported and imported, into an empty stack unless it is said", async () => {
    await open().up();
    const state = JSON.parse(JSON.stringify(await open().export())) as Awaited<ReturnType<Stack["export"]>>;
    const elsewhere = new TestBackend();
    const { resources } = await open({ backend: elsewhere }).import(state);
    assert.ok(resources > 5);
    assert.deepEqual((await open({ backend: elsewhere }).preview()).changes, []);
    const refused = await failing(open({ backend: elsewhere }).import(state));
    assert.deepEqual(
      [refused.code, refused.message],
      ["stack-not-empty", `stack 'office': import would replace a state with ${resources} resources`],
    );
    await open({ backend: elsewhere }).import(state, { replace: true });
    const other = await failing(open({ name: "other", backend: elsewhere }).import(state));
    assert.deepEqual(
      other.problems.map(({ problem }) => problem),
      ["is of a stack with the name 'office'"],
    );
    assert.equal((await failing(open().import({ version: 3, deployment: [] }))).code, "invalid-settings");
  });

  it("fails as a real one does where settings are wrong or the stack is not there", async () => {
    assert.equal((await failing(open({ settings: {} }).up())).code, "invalid-settings");
    assert.throws(() => open({ name: "a/b/c" }), StackError);
    for (const run of [() => open().outputs(), () => open().history(), () => open().destroy(), () => open().cancel()]) {
      assert.equal((await failing(run())).code, "stack-not-found");
    }
  });

  it("does not delete what is protected", async () => {
    const kept = { ...SETTINGS, cluster: { protect: true } } as SettingsObject;
    await open({ settings: kept }).up();
    assert.match((await failing(open().destroy())).message, /cannot be deleted because it is protected/);
  });
});
