import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../lock";
import { labPaths, type LabPaths } from "../paths";
import { isRunning, startTimeInStat, startTimeOf } from "../processIdentity";

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

describe("a process's identity", () => {
  it("is its number and its start time", async () => {
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const identity = { pid, startTime: startTimeOf(pid) ?? "" };
    assert.equal(isRunning(identity), true);
    assert.equal(isRunning({ pid, startTime: "0" }), false);
    const ended = new Promise((done) => child.on("exit", done));
    child.kill();
    await ended;
    assert.equal(isRunning(identity), false);
  });

  it("is read from /proc whatever the program is called, and a zombie has none", () => {
    const rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
    assert.equal(startTimeInStat(`9 (a) b)) S ${rest}`), "4711");
    assert.equal(startTimeInStat(`9 (x) Z ${rest}`), undefined);
  });
});
