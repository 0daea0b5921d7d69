import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemOf } from "../../service/api/problems";
import { eventWriter } from "../../service/runs/eventLog";
import { Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";

describe("the service on a full disk", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("refuses what it cannot record, keeps what it has, and goes on when there is room", async () => {
    const store = await openStore({ directory: directory, database: undefined });
    const operations = new Operations(store);
    const add = async (stack: string): Promise<string> => {
      const wanted = { stack, kind: "up", requestedBy: "x".repeat(1000) } as const;
      return (await store.transaction((within) => operations.within(within).add(wanted))).id;
    };
    const ids = [await add("first")];
    // What SQLite says of a full disk, it says of a file that may not grow.
    const { page_count: pages } = (await store.one("PRAGMA page_count")) as { page_count: number };
    await store.one(`PRAGMA max_page_count = ${pages + 4}`);
    let refusal: unknown;
    for (let at = 0; refusal === undefined && at < 100; at++) {
      try {
        ids.push(await add(`stack-${at}`));
      } catch (error) {
        refusal = error;
      }
    }
    assert.deepEqual(problemOf(refusal), {
      type: "urn:groundwork:problem:store-full",
      title: "Insufficient Storage",
      status: 507,
      detail: "the service's disk is full",
      remedy: "make room on the disk of the service's directory; nothing was started",
    });
    for (const id of ids) assert.equal((await operations.get(id)).state, "queued");
    await store.one("PRAGMA max_page_count = 1000000");
    assert.equal((await operations.get(await add("later"))).stack, "later");
    await store.close();
  });

  it("loses events, and not the run that has them", () => {
    // Every write to it fails as on a full disk.
    const write = eventWriter("/dev/full");
    assert.doesNotThrow(() => write({ kind: "line", resource: undefined, text: "more than there is room for" }));
  });
});
