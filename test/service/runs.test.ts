import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { processIdentity } from "../../service/runs/processIdentity";
import { ALONE, Operations } from "../../service/store/operations";
import { openStore } from "../../service/store/openStore";
import type { Script } from "./fakeEngine";
import { killed, Served } from "./served";

describe("runs of the service", function () {
  // Each run, and some of the services, are processes of their own.
  this.timeout(60_000);

  let served: Served;
  afterEach(() => served.remove());

  it("goes on with the next run of a stack after one that failed", async () => {
    const message = "stack 'dev': up failed";
    served = new Served({ dev: { up: [{ error: "failed", message }] } });
    await served.start();
    const bad = (await served.all(await served.begin("dev", "up"))).at(-1)?.data;
    assert.deepEqual([bad.state, bad.error], ["failed", { code: "failed", message, remedy: "mend it" }]);
    served.script("dev", { up: [] });
    const good = (await served.all(await served.begin("dev", "up"))).at(-1)?.data;
    assert.equal(good.state, "succeeded");
  });

  it("runs one operation of a stack at a time, in the order of their coming, and other stacks beside it", async () => {
    served = new Served({ dev: { up: [{ line: "holds" }, "hold"] }, prod: {} });
    await served.start();
    const first = await served.begin("dev", "up");
    await served.said(first, "holds");
    const [second, third] = [await served.begin("dev", "refresh"), await served.begin("dev", "destroy")];
    assert.equal((await served.all(await served.begin("prod", "up"))).at(-1)?.data.state, "succeeded");
    assert.equal((await served.call("GET", `/operations/${second}`)).body.state, "queued");
    assert.equal((await served.call("GET", "/stacks/dev")).body.running, first);
    served.release("dev");
    await Promise.all([first, second, third].map((id) => served.all(id)));
    assert.deepEqual(served.done("dev"), [
      "begin up",
      "end up",
      "begin refresh",
      "end refresh",
      "begin destroy",
      "end destroy",
    ]);
  });

  it("has no more runs at once than the operator wants", async () => {
    served = new Served({ dev: { up: [{ line: "holds" }, "hold"] }, prod: {} }, { runsAtOnce: 1 });
    await served.start();
    const first = await served.begin("dev", "up");
    await served.said(first, "holds");
    const other = await served.begin("prod", "up");
    assert.equal((await served.call("GET", `/operations/${other}`)).body.state, "queued");
    served.release("dev");
    assert.equal((await served.all(other)).at(-1)?.data.state, "succeeded");
  });

  it("cancels what waits at once, and what runs in good order", async () => {
    served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } });
    await served.start();
    const [runs, waits] = [await served.begin("dev", "up"), await served.begin("dev", "up")];
    await served.said(runs, "holds");
    const cancelled = await served.call("POST", `/operations/${waits}/cancel`);
    assert.deepEqual([cancelled.status, cancelled.body.state], [202, "cancelled"]);
    assert.equal((await served.call("POST", `/operations/${runs}/cancel`)).body.isCancelRequested, true);
    const end = (await served.all(runs)).at(-1)?.data;
    assert.deepEqual([end.state, end.error.message], ["cancelled", "up was cancelled"]);
    assert.equal((await served.call("POST", `/operations/${runs}/cancel`)).status, 409);
    assert.deepEqual(served.done("dev"), ["begin up", "cancelled up"]);
  });

  it("says that a run was interrupted whose process was killed, and goes on with the queue", async () => {
    served = new Served({ dev: { up: [{ line: "begun" }, "kill"] } });
    await served.start();
    const [first, second] = [await served.begin("dev", "up"), await served.begin("dev", "refresh")];
    const messages = await served.all(first);
    assert.deepEqual([messages[0]?.data.text, messages.at(-1)?.data.state], ["begun", "interrupted"]);
    assert.equal((await served.all(second)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(served.done("dev"), ["begin up", "begin refresh", "end refresh"]);
  });

  it("ends what a killed run has left behind before anybody else gets the stack", async () => {
    served = new Served({ dev: { up: ["leave", "kill"] } });
    await served.start();
    const id = await served.begin("dev", "up");
    assert.equal((await served.all(id)).at(-1)?.data.state, "interrupted");
    const left = Number(served.done("dev")[1]?.split(" ")[1]);
    assert.equal(processIdentity(left), undefined);
  });

  it("takes away the lock of a run that was killed, and no other", async () => {
    served = new Served({ dev: { up: ["kill"] } });
    await served.start();
    const interrupted = (await served.all(await served.begin("dev", "up"))).at(-1)?.data;
    const dead = spawnSync("true").pid;
    const lockedBy = (pid: number): Script[string] => {
      const since = (interrupted.startedAt as string).replace(/\.\d+Z$/, "Z");
      const message = `up has to wait; created by root@${hostname()} (pid ${pid}) at ${since}`;
      return [{ error: "locked", message }];
    };
    served.script("dev", { up: lockedBy(process.pid) });
    const refused = (await served.all(await served.begin("dev", "up"))).at(-1)?.data;
    assert.deepEqual([refused.state, refused.error.code], ["failed", "locked"]);
    served.script("dev", { up: lockedBy(dead) });
    const messages = await served.all(await served.begin("dev", "up"));
    assert.deepEqual(
      messages.map(({ data, event }) => data.text ?? data.state ?? event),
      ["the lock of a run that was killed is taken away: its process is dead", "summary", "succeeded"],
    );
  });

  it("begins a run that a service had taken from the queue and not begun when it was killed", async () => {
    served = new Served({ dev: {} });
    const store = await openStore({ directory: join(served.directory, "state"), database: undefined });
    const operations = new Operations(store);
    const { id } = await operations.add({ stack: "dev", kind: "up", requestedBy: "tester" });
    await operations.claim({ owner: ALONE, atOnce: 1 });
    await store.close();
    await served.start();
    assert.equal((await served.all(id)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(served.done("dev"), ["begin up", "end up"]);
  });

  it("cancels a run that was cancelled before it had begun", async () => {
    served = new Served({ dev: { up: ["hold"] } });
    const store = await openStore({ directory: join(served.directory, "state"), database: undefined });
    const operations = new Operations(store);
    const { id } = await operations.add({ stack: "dev", kind: "up", requestedBy: "tester" });
    await operations.claim({ owner: ALONE, atOnce: 1 });
    await operations.requestCancel(id);
    await store.close();
    await served.start();
    assert.equal((await served.all(id)).at(-1)?.data.state, "cancelled");
  });

  it("says so when the operator has taken the stack away in the meantime", async () => {
    served = new Served({ dev: {} });
    const store = await openStore({ directory: join(served.directory, "state"), database: undefined });
    const { id } = await new Operations(store).add({ stack: "gone", kind: "up", requestedBy: "tester" });
    await store.close();
    await served.start();
    const end = (await served.all(id)).at(-1)?.data;
    assert.deepEqual([end.state, end.error.message], ["failed", "the service has no stack 'gone' any more"]);
  });

  describe("when the service is killed in the middle of one", () => {
    it("takes the run up again, tells on where the listener was, and does nothing twice", async () => {
      served = new Served({ dev: { up: [{ line: "before" }, "hold", { line: "after" }] } });
      const before = await served.spawn();
      const id = await served.begin("dev", "up");
      const waits = await served.begin("dev", "refresh");
      let received = "";
      for await (const message of served.messages(id)) {
        received = message.id;
        break;
      }
      await killed(before, "SIGKILL");
      await served.spawn();
      assert.equal((await served.call("GET", `/operations/${id}`)).body.state, "running");
      served.release("dev");
      const messages = await served.all(id, received);
      assert.deepEqual(
        messages.map(({ event, data }) => data.text ?? data.state ?? event),
        ["after", "summary", "succeeded"],
      );
      assert.equal((await served.all(waits)).at(-1)?.data.state, "succeeded");
      assert.deepEqual(served.done("dev"), ["begin up", "end up", "begin refresh", "end refresh"]);
    });

    it("records a run that ended in the meantime as it ended", async () => {
      served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } });
      const before = await served.spawn();
      const id = await served.begin("dev", "up");
      await served.said(id, "holds");
      await killed(before, "SIGKILL");
      served.release("dev");
      await served.ended("dev", "end up");
      await served.spawn();
      assert.equal((await served.all(id)).at(-1)?.data.state, "succeeded");
      assert.deepEqual(served.done("dev"), ["begin up", "end up"]);
    });

    it("says that a run was interrupted when it was killed with it", async () => {
      served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } });
      const before = await served.spawn();
      const id = await served.begin("dev", "up");
      await served.said(id, "holds");
      await killed(before, "SIGKILL");
      process.kill(served.processOf(id), "SIGKILL");
      await served.spawn();
      const end = (await served.all(id)).at(-1)?.data;
      assert.deepEqual([end.state, end.error.code], ["interrupted", "interrupted"]);
      served.script("dev", {});
      assert.equal((await served.all(await served.begin("dev", "up"))).at(-1)?.data.state, "succeeded");
    });
  });

  describe("when the service is told to end", () => {
    it("lets a run end first", async () => {
      served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } }, { stopSeconds: 3600 });
      const before = await served.spawn();
      const id = await served.begin("dev", "up");
      await served.said(id, "holds");
      const end = killed(before, "SIGTERM");
      served.release("dev");
      assert.equal(await end, 0);
      assert.deepEqual(served.done("dev"), ["begin up", "end up"]);
      await served.spawn();
      assert.equal((await served.call("GET", `/operations/${id}`)).body.state, "succeeded");
    });

    it("tells who listens of no end that has not come", async () => {
      served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } }, { stopSeconds: 3600 });
      const before = await served.spawn();
      const id = await served.begin("dev", "up");
      await served.said(id, "holds");
      const received: string[] = [];
      let end: Promise<number | null> | undefined;
      for await (const { event } of served.messages(id)) {
        received.push(event);
        end ??= killed(before, "SIGTERM");
      }
      assert.deepEqual(received, ["line"]);
      served.release("dev");
      assert.equal(await end, 0);
    });

    it("cancels in good order a run that takes longer than it may", async () => {
      served = new Served({ dev: { up: [{ line: "holds" }, "hold"] } }, { stopSeconds: 0 });
      const before = await served.spawn();
      const [id, waits] = [await served.begin("dev", "up"), await served.begin("dev", "refresh")];
      await served.said(id, "holds");
      assert.equal(await killed(before, "SIGTERM"), 0);
      await served.spawn();
      assert.equal((await served.call("GET", `/operations/${id}`)).body.state, "cancelled");
      assert.equal((await served.all(waits)).at(-1)?.data.state, "succeeded");
    });
  });
});
