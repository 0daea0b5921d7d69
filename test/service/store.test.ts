import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as later } from "node:timers/promises";
import { ALONE, Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";
import type { Store } from "../../service/store/store";

describe("the service's record", () => {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    store = await openStore({ directory: directory, database: undefined });
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const add = (to: Store, stack: string): Promise<unknown> =>
    new Operations(to).add({ stack, kind: "up", requestedBy: "ci" });
  const stacks = async (of: Store): Promise<unknown[]> =>
    (await of.all("SELECT stack FROM operations ORDER BY sequence")).map(({ stack }) => stack);

  it("keeps transactions apart that are under way at the same time, and does of each all or nothing", async () => {
    const other = await openStore({ directory: directory, database: undefined });
    const both = (on: Store, stack: string, isBad = false): Promise<unknown> =>
      on.transaction(async (within) => {
        await add(within, `${stack}-1`);
        await later();
        if (isBad) throw new Error("refused");
        return add(within, `${stack}-2`);
      });
    const all = [both(store, "a"), both(store, "b", true), both(other, "c"), add(store, "d"), add(other, "e")];
    const ends = await Promise.allSettled(all);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
    );
    assert.deepEqual(await stacks(store), ["a-1", "a-2", "c-1", "c-2", "d", "e"]);
    await other.close();
  });

  it("is taken over from the version before, with what is in it", async () => {
    await add(store, "dev");
    // As it was when it had no fleets.
    for (const table of ["fleet_stacks", "fleet_runs"]) await store.run(`DROP TABLE ${table}`);
    await store.run("PRAGMA user_version = 2");
    const now = await openStore({ directory, database: undefined });
    assert.deepEqual([await stacks(now), await now.all("SELECT * FROM fleet_runs")], [["dev"], []]);
    await now.close();
  });

  it("tells nobody what a transaction has not done yet", async () => {
    let seen: Promise<unknown[]> | undefined;
    const undone = store.transaction(async (within) => {
      await add(within, "a");
      seen = stacks(store);
      await later();
      assert.deepEqual(await stacks(within), ["a"]);
      throw new Error("refused");
    });
    await assert.rejects(undone, /refused/);
    assert.deepEqual(await seen, []);
  });

  it("takes over what an earlier Groundwork has left running", async () => {
    const { id } = await new Operations(store).add({ stack: "dev", kind: "up", requestedBy: "ci" });
    await store.run("UPDATE operations SET state = 'running'");
    // As the first form of the record was.
    for (const table of ["fleet_stacks", "fleet_runs"]) await store.run(`DROP TABLE ${table}`);
    await store.run("ALTER TABLE operations DROP COLUMN owner");
    await store.run("PRAGMA user_version = 1");
    await store.close();
    store = await openStore({ directory, database: undefined });
    assert.deepEqual(
      (await new Operations(store).running(ALONE)).map((operation) => operation.id),
      [id],
    );
  });

  it("takes a transaction within one as a part of it", async () => {
    const outer = store.transaction(async (within) => {
      await within.transaction((inner) => add(inner, "a"));
      throw new Error("refused");
    });
    await assert.rejects(outer, /refused/);
    assert.deepEqual(await stacks(store), []);
  });
});
