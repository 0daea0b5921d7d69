import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { StackError } from "../../automation/errors";
import { EventQueue } from "../../automation/eventQueue";
import type { StackEvent } from "../../automation/events";
import type { RunningOperation } from "../../automation/operations";
import { start } from "../../automation/running";

const event = (text: string): StackEvent => ({ kind: "line", resource: undefined, text });
const textOf = (one: StackEvent): string => (one.kind === "line" ? one.text : one.kind);

/** All texts of the rest of an operation's events. */
async function rest(events: AsyncIterable<StackEvent>): Promise<string[]> {
  const texts: string[] = [];
  for await (const one of events) texts.push(textOf(one));
  return texts;
}

/** Lets everything that is under way go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("an operation that has begun", () => {
  it("is a promise of its result, and tells its events from the first one on", async () => {
    const run = start({}, async ({ tell }) => {
      tell(event("a"));
      await turn();
      tell(event("b"));
      return 7;
    });
    assert.deepEqual(await rest(run.events), ["a", "b"]);
    assert.equal(await run, 7);
  });

  it("keeps its events for who begins to read late, also after its end", async () => {
    const run = start({}, async ({ tell }) => {
      tell(event("a"));
      return Promise.resolve(7);
    });
    await run;
    assert.deepEqual(await rest(run.events), ["a"]);
  });

  it("throws its failure to who reads, who need not await it as well", async () => {
    const stray: unknown[] = [];
    const onStray = (reason: unknown): void => void stray.push(reason);
    process.on("unhandledRejection", onStray);
    try {
      const failure = new StackError("failed", "it broke", { remedy: "mend it" });
      const run = start({}, async ({ tell }) => {
        tell(event("a"));
        await turn();
        throw failure;
      });
      const seen: string[] = [];
      await assert.rejects(async () => {
        for await (const one of run.events) seen.push(textOf(one));
      }, failure);
      await turn();
      assert.deepEqual([seen, stray], [["a"], []]);
    } finally {
      process.off("unhandledRejection", onStray);
    }
  });

  it("goes on when its reader leaves the loop, and has one reader only", async () => {
    let shown = 0;
    const run = start({ onEvent: () => (shown += 1) }, async ({ tell, signal }) => {
      for (const text of ["a", "b", "c"]) {
        tell(event(text));
        await turn();
      }
      return signal.aborted;
    });
    for await (const one of run.events) {
      assert.equal(textOf(one), "a");
      break;
    }
    assert.equal(await run, false, "it was not cancelled");
    assert.equal(shown, 3);
    await assert.rejects(rest(run.events), /have a reader already/);
  });

  it("is cancelled alone, and by the caller's signal", async () => {
    const ended: string[] = [];
    const until = (name: string, signal?: AbortSignal): RunningOperation<unknown> => {
      const run = start({ signal }, async (running) => {
        await new Promise((resolve) => running.signal.addEventListener("abort", resolve));
        throw new Error("stopped");
      });
      run.catch(() => ended.push(name));
      return run;
    };
    const controller = new AbortController();
    const [first, second] = [until("first"), until("second")];
    void until("third", controller.signal);
    await turn();
    await first.cancel();
    assert.deepEqual(ended, ["first"]);
    controller.abort();
    await turn();
    assert.deepEqual(ended, ["first", "third"]);
    await Promise.all([second.cancel(), first.cancel()]);
    assert.deepEqual(ended, ["first", "third", "second"]);
  });
});

describe("events that wait for a slow reader", () => {
  /** Directories that hold waiting events. */
  const files = (parent: string): string[] =>
    fs
      .readdirSync(parent, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith("waiting"));
  let parent: string;
  let tmpdir: string | undefined;
  beforeEach(() => {
    parent = fs.mkdtempSync(path.join(os.tmpdir(), "queue-test-"));
    tmpdir = process.env["TMPDIR"];
    process.env["TMPDIR"] = parent;
  });
  afterEach(() => {
    if (tmpdir === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = tmpdir;
    fs.rmSync(parent, { recursive: true, force: true });
  });

  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `${from + index} ${"é".repeat((from + index) % 7)}\n`);

  it("wait in a file beyond what memory holds, in order, and the file goes with the reader", async () => {
    const queue = new EventQueue(() => undefined, 10);
    const reader = queue[Symbol.asyncIterator]();
    const seen: string[] = [];
    const read = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) seen.push(textOf((await reader.next()).value as StackEvent));
    };
    for (const text of numbers(0, 3000)) queue.push(event(text));
    assert.equal(files(parent).length, 1);
    await read(2990);
    for (const text of numbers(3000, 6000)) queue.push(event(text));
    const long = "x".repeat(300_000);
    queue.push(event(long));
    queue.end();
    await read(3011);
    assert.ok((await reader.next()).done);
    assert.deepEqual(seen, [...numbers(0, 6000), long]);
    assert.deepEqual(fs.readdirSync(parent), []);
  });

  it("are not kept any more once the reader has left", async () => {
    const queue = new EventQueue(() => undefined, 10);
    for (const text of numbers(0, 10)) queue.push(event(text));
    for await (const _ of queue) {
      for (const text of numbers(10, 50)) queue.push(event(text));
      break;
    }
    for (const text of numbers(50, 100)) queue.push(event(text));
    assert.deepEqual(fs.readdirSync(parent), []);
  });

  it("are refused to who comes when some have passed, rather than given with a gap", () => {
    const queue = new EventQueue(() => undefined, 10);
    for (const text of numbers(0, 13)) queue.push(event(text));
    assert.throws(
      () => queue[Symbol.asyncIterator](),
      /^StackError: 3 events of this operation passed before anybody read/,
    );
    assert.deepEqual(fs.readdirSync(parent), []);
  });

  it("stay in memory where no file can be written", async () => {
    process.env["TMPDIR"] = path.join(parent, "not-there");
    const queue = new EventQueue(() => undefined, 10);
    const reader = queue[Symbol.asyncIterator]();
    for (const text of numbers(0, 50)) queue.push(event(text));
    queue.end();
    const seen: string[] = [];
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) seen.push(textOf(next.value));
    assert.deepEqual(seen, numbers(0, 50));
  });
});
