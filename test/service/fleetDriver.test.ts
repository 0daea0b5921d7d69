import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wavesOf } from "../../automation/waves";
import { FleetDriver } from "../../service/fleets/fleetDriver";
import type { Fleet } from "../../service/settings/fleetSettings";
import { FleetRuns, type FleetRun } from "../../service/store/fleetRuns";
import { Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";
import type { Store } from "../../service/store/store";

/** A service's fleets on a record, with operations that end as soon as they wait; and the service dies where it is told to. */
class Life {
  readonly end: Promise<"killed" | FleetRun>;
  #finish: (how: "killed" | FleetRun) => void = () => undefined;
  #isKilled = false;

  /** @param dies How many transactions it has, and whether it dies before or after the last one is on the disk. */
  constructor(
    store: Store,
    fleet: Fleet,
    { failing, dies }: { failing: ReadonlySet<string>; dies?: { readonly at: number; readonly isDone: boolean } },
  ) {
    this.end = new Promise((resolve) => (this.#finish = resolve));
    let left = dies?.at ?? Number.POSITIVE_INFINITY;
    const mortal: Store = {
      ...store,
      transaction: async (work) => {
        left -= 1;
        if (this.#isKilled) return new Promise(() => undefined);
        if (left > 0) return store.transaction(work);
        this.#isKilled = true;
        if (dies?.isDone === true) await store.transaction(work);
        void driver.stop();
        this.#finish("killed");
        return new Promise(() => undefined);
      },
    };
    const operations = new Operations(store);
    const endAll = async (): Promise<void> => {
      for (const { id, stack } of await store.all("SELECT id, stack FROM operations WHERE state = 'queued'")) {
        if (this.#isKilled) return;
        const isBad = failing.has(stack as string);
        const error = { code: "failed", message: "no quorum", remedy: "" };
        await operations.end(id as string, isBad ? { state: "failed", error } : { state: "succeeded" });
      }
      driver.wake();
    };
    const driver: FleetDriver = new FleetDriver({
      ...{ store: mortal, fleetRuns: new FleetRuns(mortal), operations: new Operations(mortal) },
      settings: { fleets: new Map([[fleet.name, fleet]]), stacks: new Map() },
      supervisor: { wake: () => void endAll(), cancel: (id) => operations.requestCancel(id) },
      onEnd: (run) => void driver.stop().then(() => this.#finish(run)),
      onError: (error) => assert.fail(error as Error),
    });
    driver.start();
    // What waits from before: the real supervisor starts with it.
    void endAll();
  }
}

describe("a fleet of five hundred stacks", function () {
  this.timeout(120_000);
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    store = await openStore({ directory, database: undefined });
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const names = Array.from({ length: 500 }, (_, at) => `stack-${at}`);
  const waves = wavesOf(names, [1, "10%", "50%"]);
  const fleet: Fleet = { name: "all", waves, atOnce: 4, mayFail: 0, gate: undefined };
  const begin = (): Promise<FleetRun> => new FleetRuns(store).add(fleet, { kind: "up", requestedBy: "tester" });
  const operations = async (): Promise<string[]> =>
    (await store.all("SELECT stack FROM operations ORDER BY sequence")).map(({ stack }) => stack as string);

  it("begins each once and in its wave, however often the service is killed", async () => {
    const { id } = await begin();
    let kills = 0;
    for (;;) {
      const dies = { at: 1 + (kills % 3), isDone: kills % 2 === 0 };
      const end = await new Life(store, fleet, { failing: new Set(), ...(kills < 40 ? { dies } : {}) }).end;
      if (end !== "killed") break;
      kills += 1;
    }
    assert.equal(kills, 40);
    const run = await new FleetRuns(store).get(id);
    assert.equal(run.state, "succeeded");
    const done = await operations();
    assert.equal(done.length, names.length);
    let at = 0;
    for (const wave of waves) {
      assert.deepEqual(new Set(done.slice(at, at + wave.length)), new Set(wave));
      at += wave.length;
    }
  });

  it("ends with the first bad wave, whose other stacks are not all begun, and goes on where it was", async () => {
    const { id } = await begin();
    const bad = "stack-20";
    const fleetRuns = new FleetRuns(store);
    const stopped = await new Life(store, fleet, { failing: new Set([bad]) }).end;
    assert.ok(stopped !== "killed" && stopped.state === "stopped");
    const before = await operations();
    assert.ok(
      before.includes(bad) && before.length < 50 && before.every((name) => waves.slice(0, 2).flat().includes(name)),
    );
    await store.transaction((within) => fleetRuns.within(within).resume(id, "tester"));
    const end = await new Life(store, fleet, { failing: new Set() }).end;
    assert.ok(end !== "killed" && end.state === "succeeded");
    const all = await operations();
    assert.deepEqual(
      names.filter((name) => all.filter((one) => one === name).length !== (name === bad ? 2 : 1)),
      [],
    );
  });
});
