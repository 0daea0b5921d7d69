import * as assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceParts } from "../../service/api/serviceApi";
import { alone } from "../../service/runs/ownership";
import { Supervisor } from "../../service/runs/supervisor";
import { WorkDirectory } from "../../service/runs/workDirectory";
import { openStore } from "../../service/store/openStore";
import { FleetRuns } from "../../service/store/fleetRuns";
import { Operations } from "../../service/store/operations";
import { removeOld } from "../../service/sweep";

describe("the removal of what is old", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("takes operations with their directories, but a stack's newest, and directories of what another service has removed", async () => {
    const old = new Date("2026-01-01T00:00:00Z");
    const now = new Date("2026-03-01T00:00:00Z");
    let time = old;
    const store = await openStore({ directory, database: undefined });
    const operations = new Operations(store, () => time);
    const runs = join(directory, "runs");
    const made = (id: string, at: Date): string => {
      mkdirSync(join(runs, id), { recursive: true });
      utimesSync(join(runs, id), at, at);
      return id;
    };
    const ended = async (): Promise<string> => {
      const { id } = await operations.add({ stack: "dev", kind: "up", requestedBy: "ci" });
      await operations.end(id, { state: "succeeded" });
      return made(id, time);
    };
    const [first, newest] = [await ended(), await ended()];
    const fleetRuns = new FleetRuns(store, () => time);
    const fleet = { name: "all", waves: [["dev"]], atOnce: 1, mayFail: 0, gate: undefined };
    const through = async (): Promise<string> => {
      const { id } = await fleetRuns.add(fleet, { kind: "up", requestedBy: "ci" });
      await fleetRuns.end(id, "succeeded");
      return id;
    };
    const firstRun = await through();
    time = new Date(old.getTime() + 1);
    const newestRun = await through();
    time = now;
    const [removedElsewhere, onItsWay] = [made("removed-elsewhere", old), made("on-its-way", now)];
    const supervisor = new Supervisor({
      ...{ operations, runs, stacks: new Map(), runsAtOnce: 1, engine: "none" },
      ownership: alone(operations, (id) => new WorkDirectory(runs, id)),
      onChange: () => undefined,
      onError: () => undefined,
    });
    const settings = { keepDays: 30 } as ServiceParts["settings"];
    await removeOld({ store, operations, fleetRuns, supervisor, settings, now: () => now } as ServiceParts);
    assert.deepEqual([await fleetRuns.find(firstRun), await fleetRuns.stacks(firstRun)], [undefined, []]);
    assert.equal((await fleetRuns.stacks(newestRun)).length, 1);
    assert.deepEqual(
      [first, newest, removedElsewhere, onItsWay].map((id) => existsSync(join(runs, id))),
      [false, true, false, true],
    );
    assert.deepEqual(
      (await operations.list("dev", { limit: 9 })).map(({ id }) => id),
      [newest],
    );
    await store.close();
  });
});
