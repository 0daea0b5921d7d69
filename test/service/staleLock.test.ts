import * as assert from "node:assert/strict";
import { StackError } from "../../automation/errors";
import type { UsedStack } from "../../service/runs/engine";
import { operate } from "../../service/runs/operate";
import { isStale, lockHolders } from "../../service/runs/staleLock";

const BY = "created by root@atlas (pid 4242) at 2026-03-01T10:00:05Z";
const MESSAGE = `stack 'dev': up has to wait: another operation has the stack; ${BY}`;
const DURING = [{ from: "2026-03-01T10:00:00.000Z", to: "2026-03-01T10:10:00.000Z", isOfEarlierBoot: false }] as const;

describe("a lock that somebody holds", () => {
  it("is known by host, process and time", () => {
    const other = "created by ada@birch.example (pid 7) at 2026-03-01T12:00:00+01:00";
    assert.deepEqual(lockHolders(`${MESSAGE}; ${other}`), [
      { host: "atlas", pid: 4242, since: new Date("2026-03-01T10:00:05Z") },
      { host: "birch.example", pid: 7, since: new Date("2026-03-01T11:00:00Z") },
    ]);
  });

  it("is a killed run's when its process was on this host, in the time of such a run, and is dead", () => {
    const holders = lockHolders(MESSAGE);
    const here = { host: "atlas", isDead: () => true };
    assert.equal(isStale(holders, DURING, here), true);
    assert.equal(isStale(holders, DURING, { ...here, isDead: () => false }), false);
    assert.equal(isStale(holders, DURING, { ...here, host: "birch" }), false);
    assert.equal(isStale(holders, [], here), false);
    assert.equal(isStale(holders, [{ ...DURING[0], from: "2026-03-01T10:01:00.000Z" }], here), false);
    assert.equal(
      isStale([...holders, { host: "birch", pid: 1, since: new Date("2026-03-01T10:00:05Z") }], DURING, here),
      false,
    );
    assert.equal(isStale([], DURING, here), false);
    const earlier = [{ ...DURING[0], isOfEarlierBoot: true }];
    assert.equal(isStale(holders, earlier, { ...here, isDead: () => false }), true, "the id is another process's now");
  });

  /** A stack whose lock somebody else has. */
  function lockedStack(): { readonly stack: UsedStack; readonly asked: string[] } {
    const asked: string[] = [];
    const stack = {
      up: () => {
        asked.push("up");
        return Promise.reject(new StackError("locked", MESSAGE, { remedy: "wait until it has ended" }));
      },
      cancel: () => Promise.resolve(asked.push("cancel")),
    };
    return { stack: stack as unknown as UsedStack, asked };
  }

  it("is left to a living or unknown owner: the run says so and ends", async () => {
    const { stack, asked } = lockedStack();
    const task = { kind: "up", message: undefined, plan: undefined, interruptions: DURING } as const;
    const hooks = { onEvent: () => undefined, onPlan: () => undefined, signal: new AbortController().signal };
    assert.deepEqual(await operate(() => Promise.resolve(stack), task, hooks), {
      state: "failed",
      error: { code: "locked", message: MESSAGE, remedy: "wait until it has ended" },
    });
    assert.deepEqual(asked, ["up"]);
  });
});
