import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { alone } from "../../service/runs/ownership";
import { Supervisor } from "../../service/runs/supervisor";
import { WorkDirectory } from "../../service/runs/workDirectory";
import type { ServedStack } from "../../service/settings/serviceFile";
import { Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";

describe("a run that cannot begin", () => {
  let directory: string;
  beforeEach(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "supervisor-test-"))));
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  it("has failed with the reason, and the stack's next one has its turn", async () => {
    // Nobody can make a directory there.
    const runs = "/sys/groundwork-runs";
    const store = await openStore({ directory: path.join(directory, "state"), database: undefined });
    const operations = new Operations(store);
    const stack: ServedStack = {
      name: "dev",
      project: directory,
      backendUrl: "file:///nowhere",
      passphraseFile: undefined,
      secretsProvider: undefined,
      pulumiHome: undefined,
    };
    const errors: unknown[] = [];
    const supervisor = new Supervisor({
      operations,
      ownership: alone(operations, (id) => new WorkDirectory(runs, id)),
      runs,
      stacks: new Map([["dev", stack]]),
      runsAtOnce: 1,
      engine: "none",
      onChange: () => undefined,
      onError: (error) => errors.push(error),
    });
    const { id } = await operations.add({ stack: "dev", kind: "up", requestedBy: "ci" });
    await operations.add({ stack: "dev", kind: "refresh", requestedBy: "ci" });
    await supervisor.start();
    await supervisor.stop(0);
    await supervisor.start();
    await supervisor.stop(0);
    const first = await operations.get(id);
    assert.equal(first.state, "failed");
    assert.match(first.outcome?.error?.message ?? "", /^its process could not be started: E(PERM|ROFS|ACCES)/);
    assert.equal((await operations.running()).length, 0);
    assert.ok(errors.length > 0);
    await store.close();
  });
});
