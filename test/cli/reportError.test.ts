import * as assert from "node:assert/strict";
import { reportError } from "../../cli/reportError";
import { GroundworkError } from "../../config/groundworkError";

/** What a failure is told as, and its exit code. */
function report(error: unknown, env: Record<string, string> = {}, debug = false): [code: number, text: string] {
  let text = "";
  const terminal = { err: (more: string) => (text += more), env } as unknown as Parameters<typeof reportError>[1];
  return [reportError(error, terminal, debug), text];
}

describe("reportError", () => {
  it("tells a failure in one line, with what to do, and wrong usage by its own code", () => {
    assert.deepEqual(report(new GroundworkError("failed", "no host answers", { remedy: "start one" })), [
      1,
      "groundwork: no host answers; start one\n",
    ]);
    assert.deepEqual(report(new GroundworkError("usage", "which stack?")), [2, "groundwork: which stack?\n"]);
  });

  it("tells wrong settings as they are", () => {
    const error = new GroundworkError("invalid-settings", "The settings of stack 'dev' have one problem:\n  a: b");
    assert.deepEqual(report(error), [2, "The settings of stack 'dev' have one problem:\n  a: b\n"]);
  });

  it("says of any other error that it was not expected, and shows where on request", () => {
    assert.deepEqual(report(new TypeError("x is undefined")), [
      1,
      "groundwork: x is undefined\nThis was not expected; GROUNDWORK_DEBUG=1 shows where it happened.\n",
    ]);
    assert.match(report(new TypeError("x is undefined"), { GROUNDWORK_DEBUG: "1" })[1], /^TypeError.*\n +at /);
    assert.match(report(new GroundworkError("failed", "no"), {}, true)[1], /^GroundworkError: no\n +at /);
  });
});
