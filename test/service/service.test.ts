import * as assert from "node:assert/strict";
import { Served } from "./served";

describe("the service", function () {
  // Each run is a process of its own.
  this.timeout(60_000);

  let served: Served;
  afterEach(() => served.remove());

  it("does a preview and then exactly its plan, and tells both as they go", async () => {
    served = new Served({ dev: { preview: [{ line: "looked" }], up: [{ line: "made" }] } });
    await served.start();
    const asked = await served.call("POST", "/stacks/dev/previews", { body: {} });
    const { id } = asked.body as { id: string };
    assert.deepEqual([asked.status, asked.headers.get("location")], [202, `/operations/${id}`]);
    const messages = await served.all(id);
    assert.deepEqual(
      messages.map(({ event, data }) => [event, data.text ?? data.state ?? data.seconds]),
      [
        ["line", "looked"],
        ["summary", 2],
        ["end", "succeeded"],
      ],
    );
    assert.deepEqual((await served.call("GET", `/operations/${id}`)).body.result, {
      counts: { create: 1 },
      changes: [],
    });

    const approved = await served.call("POST", `/previews/${id}/approve`, { body: { message: "reviewed" } });
    assert.equal(approved.status, 202);
    const end = (await served.all(approved.body.id as string)).at(-1)?.data;
    assert.deepEqual([end.kind, end.state, end.preview, end.message], ["up", "succeeded", id, "reviewed"]);
    assert.deepEqual(served.done("dev"), ["begin preview", "end preview", "begin up that plan reviewed", "end up"]);

    const again = await served.call("POST", `/previews/${id}/approve`, { body: {} });
    assert.deepEqual([again.status, again.body.operation], [409, approved.body.id]);
  });

  it("tells two hundred listeners the same, also those that come late or read nothing", async () => {
    served = new Served({ dev: { up: [{ line: "before" }, "hold", { line: "after" }] } });
    await served.start();
    const id = await served.begin("dev", "up");
    await served.said(id, "before");
    // Its answer is never read.
    const idle = new AbortController();
    await fetch(`${served.address}/operations/${id}/events`, {
      headers: { authorization: `Bearer ${await served.token("dev:read")}` },
      signal: idle.signal,
    });
    const early = Array.from({ length: 200 }, () => served.all(id));
    served.release("dev");
    const all = [...(await Promise.all(early)), await served.all(id)];
    assert.deepEqual(
      all[0]?.map(({ event, data }) => data.text ?? data.state ?? event),
      ["before", "after", "summary", "succeeded"],
    );
    for (const messages of all) assert.deepEqual(messages, all[0]);
    idle.abort();
  });
});
