import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { isRunning, statIn, startTimeOf } from "../../process/processIdentity";

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
    assert.equal(statIn(`9 (a) b)) S ${rest}`)?.startTime, "4711");
    assert.equal(statIn(`9 (x) Z ${rest}`), undefined);
  });
});
