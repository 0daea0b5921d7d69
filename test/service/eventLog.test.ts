import * as assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { eventsFrom, eventWriter, isEventEnd, type NumberedEvent } from "../../service/runs/eventLog";

describe("the events of a run", () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    file = join(directory, "events.ndjson");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const read = async (from = 0): Promise<NumberedEvent[]> => {
    const all: NumberedEvent[] = [];
    for await (const each of eventsFrom(file, from)) all.push(each);
    return all;
  };

  it("are read as they were written, from any of them on, whatever is in them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 20 }), async (texts) => {
        rmSync(file, { force: true });
        const write = eventWriter(file, () => new Date(0));
        for (const text of texts) write({ kind: "line", resource: undefined, text });
        const all = await read();
        assert.deepEqual(
          all.map(({ event }) => (event.kind === "line" ? event.text : "")),
          texts.map((text) => JSON.parse(JSON.stringify(text)) as string),
        );
        for (const [at, { id }] of all.entries()) {
          assert.ok(isEventEnd(file, id));
          assert.deepEqual(await read(id), all.slice(at + 1));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("are read past the end of a chunk", async () => {
    const write = eventWriter(file);
    for (let at = 0; at < 20; at++) write({ kind: "line", resource: undefined, text: String(at).repeat(10_000) });
    assert.equal((await read()).length, 20);
  });

  it("wait for the rest of a line, and leave out one that was torn", async () => {
    const write = eventWriter(file, () => new Date(0));
    write({ kind: "line", resource: undefined, text: "whole" });
    appendFileSync(file, '{"kind":"line","te');
    const [first, ...others] = await read();
    assert.deepEqual([first?.event, others], [{ at: "1970-01-01T00:00:00.000Z", kind: "line", text: "whole" }, []]);
    appendFileSync(file, "\n");
    write({ kind: "line", resource: undefined, text: "after" });
    assert.equal((await read(first?.id)).length, 1);
  });

  it("have numbers that nobody can make up", () => {
    eventWriter(file)({ kind: "line", resource: undefined, text: "one" });
    const size = readFileSync(file).length;
    assert.deepEqual(
      [0, 1, size - 1, size, size + 1].map((at) => isEventEnd(file, at)),
      [true, false, false, true, false],
    );
    assert.deepEqual(
      [0, 5].map((at) => isEventEnd(join(directory, "none"), at)),
      [true, false],
    );
  });
});
