import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../config/secret";
import { Instance } from "../../service/shared/instance";
import { Others } from "../../service/shared/others";
import { Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";
import type { Store } from "../../service/store/store";
import { describePostgres } from "./sharedServices";

const GONE_SECONDS = 60;

describePostgres("instances that share a record", (server) => {
  let directory: string;
  let store: Store;
  let operations: Operations;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    store = await openStore({ directory, database: { url: Secret.of(await server.database()), goneSeconds: 60 } });
    operations = new Operations(store);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const instance = (goneSeconds = GONE_SECONDS): Instance =>
    new Instance({ store, operations, directory, goneSeconds });
  const claimed = async (by: Instance): Promise<string> => {
    await by.join();
    await operations.add({ stack: "dev", kind: "up", requestedBy: "ci" });
    const operation = await by.claim({ atOnce: 1, stacks: ["dev"] });
    return operation?.id ?? "";
  };

  it("are gone when they have shown no sign for as long as they said, by the clock of who looks", async () => {
    const one = instance();
    const id = await claimed(one);
    let now = 0;
    const others = new Others({ store, operations, id: "other", clock: () => now });
    const endedAt = async (time: number): Promise<string[]> => {
      now = time;
      return (await others.look()).map((operation) => operation.id);
    };
    assert.deepEqual(await endedAt(0), []);
    await one.beat();
    // Who looks may have slept: what counts is a number that it has seen to stay the same.
    assert.deepEqual(await endedAt(1000), []);
    assert.deepEqual(await endedAt(1000 + GONE_SECONDS), []);
    assert.deepEqual(await endedAt(1001 + GONE_SECONDS), [id]);
    const { state, outcome } = await operations.get(id);
    assert.deepEqual([state, outcome?.error?.code], ["interrupted", "interrupted"]);
    // It is back, and its run is not its own any more.
    assert.deepEqual(await one.beat(), []);
    assert.throws(() => one.leaseOf(id), { message: "another service has ended the operation" });
  });

  it("are not gone in the moment in which they are back", async () => {
    const one = instance();
    const id = await claimed(one);
    let now = 0;
    const others = new Others({ store, operations, id: "other", clock: () => now });
    await others.look();
    now = GONE_SECONDS + 1;
    // Whichever is first, the other one goes by what it has done.
    const [ended, own] = await Promise.all([others.look(), one.beat()]);
    assert.deepEqual(
      [ended.length, own.length, (await operations.get(id)).state],
      ended.length === 1 ? [1, 0, "interrupted"] : [0, 1, "running"],
    );
  });

  it("keep who they are over a restart, and a directory that was copied is known", async () => {
    const before = instance();
    const id = await claimed(before);
    const after = instance();
    assert.equal(after.id, before.id);
    await after.join();
    assert.deepEqual(
      (await after.beat()).map((operation) => operation.id),
      [id],
    );
    await assert.rejects(before.beat(), { message: /^another service has the identity of this one/ });
  });

  it("are waited for as long as a run of theirs may live that was begun with a longer time", async () => {
    await claimed(instance(600));
    await instance(60).join();
    assert.deepEqual(await store.all("SELECT gone_seconds FROM instances"), [{ gone_seconds: 600 }]);
    for (const { id } of await operations.running()) await operations.end(id, { state: "succeeded" });
    await instance(60).join();
    assert.deepEqual(await store.all("SELECT gone_seconds FROM instances"), [{ gone_seconds: 60 }]);
  });

  it("take operations of a stack in the order of their coming, also when they ask at the same time", async () => {
    const directories = Array.from({ length: 4 }, () => mkdtempSync(join(tmpdir(), "groundwork-test-")));
    const all = directories.map((each) => new Instance({ store, operations, directory: each, goneSeconds: 60 }));
    await Promise.all(all.map((each) => each.join()));
    const added = [];
    for (const stack of ["a", "a", "b", "b", "c"]) {
      added.push((await operations.add({ stack, kind: "up", requestedBy: "ci" })).id);
    }
    const limits = { atOnce: 2, stacks: ["a", "b", "c"] };
    const taken = await Promise.all(all.map((each) => each.claim(limits)));
    assert.deepEqual(
      taken.map((operation) => operation?.id ?? "none").sort(),
      [added[0], added[2], added[4], "none"].sort(),
    );
    for (const each of directories) rmSync(each, { recursive: true, force: true });
  });
});
