import * as assert from "node:assert/strict";
import { processIdentity } from "../../service/runs/processIdentity";
import { killed } from "./served";
import { describePostgres, SharedServices } from "./sharedServices";

const HOLDS = { up: [{ line: "holds" }, "hold"] } as const;
/** The shortest time after which a service is gone. */
const SOON = 9;

describePostgres("of several services on one PostgreSQL", (server) => {
  let services: SharedServices;
  afterEach(async () => {
    await server.start();
    await services.remove();
  });

  it("one that is killed (-9) takes its run up again, and nothing is done twice", async () => {
    services = await SharedServices.make(server, { dev: HOLDS });
    const { one, other } = services;
    const before = await one.spawn();
    const id = await one.begin("dev", "up");
    await one.said(id, "holds");
    await other.start();
    const waits = await other.begin("dev", "refresh");
    await killed(before, "SIGKILL");
    assert.equal((await other.call("GET", `/operations/${id}`)).body.state, "running");
    await one.spawn();
    one.release("dev");
    assert.equal((await other.all(id)).at(-1)?.data.state, "succeeded");
    assert.equal((await other.all(waits)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(one.done("dev"), ["begin up", "end up", "begin refresh", "end refresh"]);
  });

  it("one that is gone for good, with its run, is not waited for", async () => {
    services = await SharedServices.make(server, { dev: HOLDS }, {}, SOON);
    const { one, other } = services;
    const gone = await one.spawn();
    const id = await one.begin("dev", "up");
    await one.said(id, "holds");
    await other.start();
    const waits = await other.begin("dev", "refresh");
    await killed(gone, "SIGKILL");
    process.kill(one.processOf(id), "SIGKILL");
    const { state, error } = (await other.all(id)).at(-1)?.data;
    assert.equal(state, "interrupted");
    assert.match(error.message, /^its service on '\S+' was not seen for 9 seconds$/);
    assert.equal((await other.all(waits)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(one.done("dev"), ["begin up", "begin refresh", "end refresh"]);
  });

  it("one that is gone leaves no run: that has ended itself before another service gets the stack", async () => {
    services = await SharedServices.make(server, { dev: HOLDS }, {}, SOON);
    const { one, other } = services;
    const gone = await one.spawn();
    const id = await one.begin("dev", "up");
    await one.said(id, "holds");
    await other.start();
    const waits = await other.begin("dev", "refresh");
    await killed(gone, "SIGKILL");
    assert.equal((await other.all(waits)).at(-1)?.data.state, "succeeded");
    assert.equal((await other.call("GET", `/operations/${id}`)).body.state, "interrupted");
    assert.deepEqual(one.done("dev"), ["begin up", "cancelled up", "begin refresh", "end refresh"]);
  });

  it("one that is gone leaves no run that is busy, or that hears nothing: it is killed with all that it has started", async () => {
    services = await SharedServices.make(server, { dev: { up: ["leave", { line: "busy" }, "busy"] } }, {}, SOON);
    const { one, other } = services;
    const gone = await one.spawn();
    const id = await one.begin("dev", "up");
    await one.said(id, "busy");
    const [run, left] = [one.processOf(id), Number(one.done("dev")[1]?.split(" ")[1])];
    await other.start();
    const waits = await other.begin("dev", "refresh");
    await killed(gone, "SIGKILL");
    for await (const _ of other.messages(waits)) break;
    const survivors = [run, left].filter((pid) => processIdentity(pid) !== undefined);
    for (const pid of survivors) process.kill(pid, "SIGKILL");
    assert.deepEqual(survivors, []);
    assert.equal((await other.call("GET", `/operations/${id}`)).body.state, "interrupted");
  });

  it("one takes up a run that it was given by an answer that was lost", async () => {
    services = await SharedServices.make(server, { dev: {} });
    const { one } = services;
    await one.start();
    const id = "8b4d64bc-0179-4cb1-a915-04fdf6666697";
    await server.sql(
      services.url,
      `INSERT INTO operations (id, stack, kind, state, requested_by, created_at, started_at, owner)
       SELECT '${id}', 'dev', 'up', 'running', 'ci', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', id FROM instances`,
    );
    assert.equal((await one.all(id)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(one.done("dev"), ["begin up", "end up"]);
  });

  it("a run that was begun too late does nothing", async () => {
    services = await SharedServices.make(server, { dev: {} }, {}, SOON);
    const { one } = services;
    const gone = await one.spawn();
    const id = await one.begin("dev", "up");
    await one.all(id);
    await killed(gone, "SIGKILL");
    assert.equal(await one.runAgain(id), "interrupted");
    assert.deepEqual(one.done("dev"), ["begin up", "end up"]);
  });

  it("a run whose service does not reach PostgreSQL for too long ends itself, and the next one goes on when it is back", async () => {
    services = await SharedServices.make(server, { dev: HOLDS }, {}, SOON);
    const { one } = services;
    await one.start();
    const [id, waits] = [await one.begin("dev", "up"), await one.begin("dev", "refresh")];
    await one.said(id, "holds");
    await server.stop();
    await one.ended("dev", "cancelled up");
    await server.start();
    const { state, error } = (await one.all(id)).at(-1)?.data;
    assert.deepEqual(
      [state, error.message],
      ["interrupted", "its service was cut off from the record, or away, for too long, so that it ended itself"],
    );
    assert.equal((await one.all(waits)).at(-1)?.data.state, "succeeded");
  });

  it("all go on when PostgreSQL was away in the middle, and say so meanwhile", async () => {
    services = await SharedServices.make(server, { dev: { up: [{ line: "before" }, "hold", { line: "after" }] } });
    const { one, other } = services;
    await services.start();
    const id = await one.begin("dev", "up");
    await one.said(id, "before");
    await server.stop();
    const token = "gw_0123456789ab_0123456789012345678901234567890123456789012";
    const { status, body, headers } = await other.call("GET", "/stacks", { token });
    assert.deepEqual(
      [status, body],
      [
        503,
        {
          type: "urn:groundwork:problem:record-unreachable",
          title: "Service Unavailable",
          status: 503,
          detail: "the service's record, a PostgreSQL, cannot be reached",
          remedy: "try again in a few seconds, with the same Idempotency-Key where there was one",
        },
      ],
    );
    assert.equal(headers.get("retry-after"), "5");
    assert.equal((await one.call("GET", "/readyz", { token: "" })).status, 503);
    one.release("dev");
    await one.ended("dev", "end up");
    await server.start();
    const messages = await other.all(id);
    assert.deepEqual(
      messages.map(({ event, data }) => data.text ?? data.state ?? event),
      ["before", "after", "summary", "succeeded"],
    );
    assert.equal((await one.call("GET", "/readyz", { token: "" })).status, 200);
    assert.equal((await one.all(await one.begin("dev", "refresh"))).at(-1)?.data.state, "succeeded");
    assert.deepEqual(one.done("dev"), ["begin up", "end up", "begin refresh", "end refresh"]);
  });
});
