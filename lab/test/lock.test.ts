import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../lock";
import { labPaths, type LabPaths } from "../paths";

describe("a lab's lock", () => {
  let root: string;
  let paths: LabPaths;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    paths = labPaths("default", root);
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("keeps a second command out, with who holds it and since when", async () => {
    await withLock(paths, "lab up", async () => {
      await assert.rejects(
        withLock(paths, "lab down", async () => undefined),
        {
          message: new RegExp(
            `^'lab up' is already at work on this lab \\(pid ${String(process.pid)}, since .*\\); wait until`,
          ),
        },
      );
    });
  });

  it("is free again after the work, and after work that failed", async () => {
    await assert.rejects(
      withLock(paths, "lab up", async () => {
        throw new Error("no");
      }),
    );
    assert.equal(await withLock(paths, "lab up", async () => 7), 7);
    assert.equal(existsSync(paths.lock), false);
  });

  it("of a process that ended is taken over, also when its number lives on in another process", async () => {
    mkdirSync(paths.labs, { recursive: true });
    const stale = { pid: process.pid, startTime: "1", command: "lab up", since: "then" };
    writeFileSync(paths.lock, JSON.stringify(stale));
    assert.equal(await withLock(paths, "lab up", async () => 7), 7);
    mkdirSync(paths.labs, { recursive: true });
    writeFileSync(paths.lock, "");
    assert.equal(await withLock(paths, "lab up", async () => 8), 8);
  });
});
