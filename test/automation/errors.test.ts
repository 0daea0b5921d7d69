import * as assert from "node:assert/strict";
import { StackError, stackErrorOf, type Ending } from "../../automation/errors";

function endingIn(error: string | Error, more: Partial<Ending> = {}): StackError {
  return stackErrorOf({
    operation: "up",
    stack: "dev",
    error: typeof error === "string" ? new Error(error) : error,
    cancelled: false,
    failures: [],
    errorLines: [],
    mask: (text) => text.replaceAll("hunter2!", "[secret]"),
    ...more,
  });
}

const failure = {
  resource: { urn: "u", type: "command:remote:Command", name: "birch", node: "birch" },
  lines: [
    'running "sh -s -- converge":',
    "error: birch: port 6443 is taken by nginx",
    "the stack is currently locked by somebody",
  ],
};

describe("typed errors", () => {
  it("know a lock, and who has it", () => {
    const error = endingIn(
      "error: the stack is currently locked by 1 lock(s). Either wait …\n" +
        "  file:///s/.pulumi/locks/dev/1.json: created by ann@desk (pid 7) at 2026-11-22T07:01:01Z\n",
    );
    assert.equal(error.code, "locked");
    assert.match(error.message, /created by ann@desk \(pid 7\)/);
    assert.match(error.remedy, /cancel\(\)/);
    assert.equal(endingIn("error: [409] Conflict: Another update is currently in progress.").code, "locked");
  });

  it("tell a passphrase that is wrong from one that is missing", () => {
    const wrong = endingIn("error: failed to decrypt: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to …");
    assert.deepEqual(
      [wrong.code, wrong.message],
      ["wrong-passphrase", "stack 'dev': up cannot read the stack's secrets: the passphrase is not theirs"],
    );
    const missing = endingIn("passphrase must be set with PULUMI_CONFIG_PASSPHRASE or …");
    assert.deepEqual(
      [missing.code, missing.message],
      ["wrong-passphrase", "stack 'dev': up needs the stack's passphrase"],
    );
  });

  it("know a stack that is not there", () => {
    assert.equal(endingIn("error: no stack named 'dev' found").code, "stack-not-found");
  });

  it("put the resources that failed first, each with the line that its host calls an error", () => {
    const error = endingIn("the stack is currently locked by somebody", { failures: [failure] });
    assert.equal(error.code, "failed");
    assert.equal(error.message, "stack 'dev': up failed:\n  birch: error: birch: port 6443 is taken by nginx");
    assert.deepEqual(error.failures, [failure]);
  });

  it("say that an operation was cancelled, whatever else went wrong", () => {
    assert.equal(endingIn("error: update canceled", { cancelled: true, failures: [failure] }).code, "cancelled");
  });

  it("show the engine's own errors without the command and its output", () => {
    const error = endingIn(
      "code: -2\n stdout: \n stderr: Command failed\nUpdating (dev):\nerror: it broke with hunter2!\n",
    );
    assert.equal(error.message, "stack 'dev': up failed:\n  error: it broke with [secret]");
    assert.equal(
      endingIn("x", { errorLines: ["Unhandled exception: boom"] }).message.split("\n")[1],
      "  Unhandled exception: boom",
    );
  });

  it("say what to do when Pulumi itself was killed", () => {
    const error = endingIn("stderr: Command was killed with SIGKILL (Forced termination): /bin/pulumi up");
    assert.match(error.message, /Pulumi was killed \(SIGKILL\)/);
    assert.match(error.remedy, /cancel\(\)/);
  });

  it("are passed on as they are", () => {
    const error = new StackError("no-engine", "none", { remedy: "install it" });
    assert.equal(endingIn(error), error);
    assert.ok(error instanceof Error);
  });

  it("say what is not as the plan says", () => {
    const violations = [{ path: "birch", problem: "would be done: delete; planned: same", remedy: "" }];
    const error = endingIn("error: update failed", { violations });
    assert.deepEqual([error.code, error.problems], ["plan-differs", violations]);
    assert.equal(
      error.message,
      "stack 'dev': up would do something else than its plan says:\n  birch: would be done: delete; planned: same",
    );
    assert.equal(error.remedy, "preview again and look at it; what was done as planned before is kept");
  });
});
