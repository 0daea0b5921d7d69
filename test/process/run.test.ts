import * as assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { run } from "../../process/run";

const sh = (script: string, options: Parameters<typeof run>[2] = {}) => run("sh", ["-c", script], options);

describe("a program that is run", () => {
  it("is told by its exit code and by what it wrote on each stream", async () => {
    assert.deepEqual(await sh("echo out; echo err >&2; exit 3"), { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("gets its input, its directory and its environment, and no other environment", async () => {
    const env = { PATH: process.env["PATH"], ONLY: "this" };
    const { stdout } = await sh('cat; pwd -P; echo "$ONLY${HOME-}"', { input: "in\n", cwd: "/", env });
    assert.equal(stdout, "in\n/\nthis\n");
  });

  it("that does not read its input is judged by its exit code", async () => {
    assert.equal((await sh("exec <&-; exit 0", { input: "x".repeat(1 << 20) })).code, 0);
  });

  it("shows whole lines as they come, also the last one without an end", async () => {
    const lines: string[] = [];
    await sh("printf 'one\\ntwo\\r\\nthr'; printf ee", { onLine: (line) => lines.push(line) });
    assert.deepEqual(lines, ["one", "two", "three"]);
  });

  it("that a signal ends names the signal", async () => {
    const { code, signal } = await sh("kill -TERM $$");
    assert.deepEqual([code, signal], [130, "SIGTERM"]);
  });

  it("that is not there is an outcome too", async () => {
    const { code, startError, stderr } = await run("no-such-program", [], { cwd: tmpdir() });
    assert.deepEqual([code, startError?.code], [127, "ENOENT"]);
    assert.match(stderr, /^no-such-program: /);
  });

  it("that takes too long is ended", async () => {
    const { code, stderr } = await run("sleep", ["600"], { timeoutMs: 100 });
    assert.deepEqual([code, stderr], [124, "sleep: no answer after 0.1 s"]);
  });
});
