import * as assert from "node:assert/strict";
import { setImmediate as later } from "node:timers/promises";
import { openTestStack, TestBackend } from "../../automation/testing/testStack";
import {
  changeFleet,
  type FleetOptions,
  type FleetRecord,
  type SettingsObject,
  type Stack,
  StackError,
  wavesOf,
} from "../../automation/stacks";
import { node } from "../config/fixtures";

describe("waves", () => {
  const names = Array.from({ length: 25 }, (_, index) => `s${index}`);
  const sizes = (waves: readonly (readonly string[])[]): number[] => waves.map(({ length }) => length);

  it("are so many, or such a share of all, and the others at last", () => {
    assert.deepEqual(sizes(wavesOf(names, [1, "10%", "50%"])), [1, 2, 10, 12]);
    assert.deepEqual(sizes(wavesOf(names, [1, 1, "2%", "100%"])), [1, 24]);
    assert.deepEqual(sizes(wavesOf(names, [])), [25]);
    assert.deepEqual(wavesOf([], [1, "10%"]), []);
    assert.deepEqual(wavesOf(names, [3, "40%"]).flat(), names);
  });
});

describe("a change of a fleet", () => {
  const waves = [["a"], ["b", "c", "d"], ["e", "f"]];
  const named = (name: string): Stack => ({ name }) as Stack;
  const run = (options: Partial<FleetOptions> = {}): ReturnType<typeof changeFleet> =>
    changeFleet({ waves, open: named, change: () => later(), ...options });
  const states = ({ stacks }: FleetRecord): Record<string, string> =>
    Object.fromEntries(Object.entries(stacks).map(([name, { state, code }]) => [name, code ?? state]));

  it("goes on with a wave when the one before is through, and not before", async () => {
    const open = new Set<string>();
    const order: string[] = [];
    let most = 0;
    const { outcome, record } = await run({
      atOnce: 2,
      change: async ({ name }) => {
        open.add(name);
        most = Math.max(most, open.size);
        assert.ok([...open].every((one) => waves.find((wave) => wave.includes(name))?.includes(one)));
        await later();
        open.delete(name);
        order.push(name);
      },
    });
    assert.equal(outcome, "done");
    assert.deepEqual(order.toSorted(), waves.flat());
    assert.equal(most, 2);
    assert.deepEqual(new Set(Object.values(states(record))), new Set(["done"]));
  });

  it("ends with the first wave in which one fails, or its gate finds something, and says which", async () => {
    const bad = await run({
      atOnce: 1,
      change: async ({ name }) => {
        await later();
        if (name === "b") throw new StackError("locked", "somebody has it", { remedy: "wait" });
      },
    });
    assert.deepEqual(
      [bad.outcome, bad.wave, bad.failed, states(bad.record)],
      ["stopped", 2, ["b"], { a: "done", b: "locked" }],
    );
    const sick = await run({ gate: ({ name }) => Promise.resolve(name === "a" ? "no answer" : undefined) });
    assert.deepEqual(sick.record.stacks, { a: { state: "failed", code: "gate", problem: "no answer" } });
    const broken = await run({ gate: () => Promise.reject(new Error("no way there")) });
    assert.equal(broken.record.stacks["a"]?.problem, "no way there");
    const borne = await run({ mayFail: 1, gate: ({ name }) => Promise.resolve(name === "b" ? "slow" : undefined) });
    assert.deepEqual([borne.outcome, borne.failed], ["done", ["b"]]);
  });

  it("goes on from its record, and does nothing twice that is done", async () => {
    const kept: string[] = [];
    const stopped = await run({
      gate: ({ name }) => Promise.resolve(name === "c" ? "sick" : undefined),
      keep: (record) => void kept.push(JSON.stringify(record)),
    });
    assert.equal(stopped.outcome, "stopped");
    assert.deepEqual(JSON.parse(kept.at(-1) ?? ""), stopped.record);
    // Killed in the middle: what ran then is begun again.
    for (const text of kept) {
      const before = JSON.parse(text) as FleetRecord;
      const again: string[] = [];
      const { outcome } = await run({ record: before, change: ({ name }) => (again.push(name), later()) });
      assert.equal(outcome, "done");
      const done = Object.entries(states(before))
        .filter(([, state]) => state === "done")
        .map(([name]) => name);
      assert.deepEqual(
        again.toSorted(),
        waves.flat().filter((name) => !done.includes(name)),
      );
    }
  });

  it("begins nothing that could not be kept, and ends with the reason", async () => {
    const begun: string[] = [];
    const keep = (_: FleetRecord, name: string): void => {
      if (name === "c") throw new Error("no space left");
    };
    await assert.rejects(run({ keep, atOnce: 1, change: ({ name }) => (begun.push(name), later()) }), /no space left/);
    assert.deepEqual(begun, ["a", "b"]);
  });

  it("stops in good order when the caller wants it", async () => {
    const controller = new AbortController();
    const { outcome, wave, record } = await run({
      signal: controller.signal,
      atOnce: 1,
      change: async ({ name }, signal) => {
        if (name === "b") controller.abort();
        await later();
        signal.throwIfAborted();
      },
    });
    assert.deepEqual([outcome, wave, states(record)], ["cancelled", 2, { a: "done", b: "failed" }]);
    assert.equal((await run({ signal: controller.signal })).outcome, "cancelled");
  });

  it("refuses what it cannot do, all of it at once", async () => {
    const problems = await run({
      waves: [["a"], ["b", "a"]],
      atOnce: 0,
      mayFail: -1,
      record: { format: 2 } as never,
    }).then(
      () => [],
      (error: unknown) => (error as StackError).problems.map(({ path }) => path),
    );
    assert.deepEqual(problems, ["waves[1][1]", "atOnce", "mayFail", "record"]);
  });

  it("brings stacks up by default, and leaves those behind a failure as they are", async function () {
    this.timeout(60_000);
    const backend = new TestBackend();
    const settings = {
      nodes: [node("s1", { role: "server", address: "10.0.0.11" })],
      ssh: { privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n" },
    } as unknown as SettingsObject;
    const open = (failing: string) => (name: string) =>
      openTestStack({
        name,
        settings,
        backend,
        ...(name === failing ? { failures: { "s1-ready": "error: s1: no quorum" } } : {}),
      });
    const first = await changeFleet({ waves: [["x1"], ["x2"], ["x3"]], open: open("x2") });
    assert.deepEqual([first.outcome, first.wave, first.failed], ["stopped", 2, ["x2"]]);
    assert.match(first.record.stacks["x2"]?.problem ?? "", /no quorum/);
    assert.deepEqual([...backend.stacks].sort(), ["x1", "x2"]);
    const second = await changeFleet({ waves: [["x1"], ["x2"], ["x3"]], open: open(""), record: first.record });
    assert.deepEqual([second.outcome, second.failed], ["done", []]);
    assert.equal((await open("")("x1").history()).length, 1);
    assert.equal((await open("")("x2").history()).length, 2);
  });
});
