import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { nextStep, type WaveState } from "../../automation/waves";

describe("the next step of a change of many stacks", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

  it("keeps the waves' order and the limits, begins nothing twice, and comes to the right end, whichever stack ends first", () => {
    const limits = { atOnce: fc.integer({ min: 1, max: 4 }), mayFail: fc.integer({ min: 0, max: 2 }) };
    const inputs = { sizes, ...limits, isBad: fc.func(fc.boolean()), picks: fc.infiniteStream(fc.nat()) };
    fc.assert(
      fc.property(fc.record(inputs), ({ sizes: lengths, atOnce, mayFail, isBad, picks }) => {
        const waves = lengths.map((length, wave) => Array.from({ length }, (_, at) => `${wave}-${at}`));
        const states = new Map<string, WaveState>();
        const of = (state: WaveState): string[] => [...states].filter(([, its]) => its === state).map(([name]) => name);
        for (;;) {
          const step = nextStep(waves, (name) => states.get(name) ?? "waiting", { atOnce, mayFail, isStopping: false });
          if ("outcome" in step) {
            const failed = waves.map((wave) => wave.filter((name) => states.get(name) === "failed").length);
            const bad = failed.findIndex((count) => count > mayFail);
            assert.deepEqual(
              step,
              bad < 0 ? { outcome: "done", wave: waves.length } : { outcome: "stopped", wave: bad + 1 },
            );
            assert.deepEqual(of("running"), []);
            assert.equal(bad < 0, states.size === waves.flat().length && !failed.some((count) => count > mayFail));
            return;
          }
          for (const name of step.begin) {
            assert.ok(!states.has(name) && waves[step.wave - 1]?.includes(name));
            states.set(name, "running");
          }
          const running = of("running");
          assert.ok(running.length > 0 && running.length <= atOnce);
          // None of another wave is under way.
          assert.ok(running.every((name) => waves[step.wave - 1]?.includes(name)));
          const ended = running[(picks.next().value as number) % running.length] ?? "";
          states.set(ended, isBad(ended) ? "failed" : "done");
        }
      }),
    );
  });

  it("begins nothing more when it is to stop, and ends when what runs has ended", () => {
    const waves = [["a", "b"], ["c"]];
    const step = (states: Readonly<Record<string, WaveState>>): object =>
      nextStep(waves, (name) => states[name] ?? "waiting", { atOnce: 4, mayFail: 0, isStopping: true });
    assert.deepEqual(step({ a: "running" }), { begin: [], wave: 1 });
    assert.deepEqual(step({ a: "done" }), { outcome: "cancelled", wave: 1 });
    assert.deepEqual(step({ a: "done", b: "done" }), { outcome: "cancelled", wave: 2 });
    assert.deepEqual(step({ a: "done", b: "done", c: "done" }), { outcome: "done", wave: 2 });
  });
});
