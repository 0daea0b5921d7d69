import * as assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FleetRunBody } from "../../service/client";
import type { Script } from "./fakeEngine";
import { killed, Served, type Answered } from "./served";

const STACKS = ["dev", "staging", "prod-a", "prod-b"];
const WAVES = [["dev"], ["staging"], ["prod-*"]];

describe("a fleet of the service", function () {
  // Each run, and some of the services, are processes of their own.
  this.timeout(60_000);

  let served: Served;
  afterEach(() => served.remove());

  const serve = (scripts: Readonly<Record<string, Script>> = {}, fleet: object = {}): void => {
    const stacks = Object.fromEntries(STACKS.map((name) => [name, scripts[name] ?? {}]));
    served = new Served(stacks, { fleets: { all: { waves: WAVES, ...fleet } } });
  };
  const ask = (url: string, body?: object, headers = {}): Promise<Answered> =>
    served.call("POST", url, { body, headers });
  const begin = async (kind = "up"): Promise<string> => {
    const { status, body } = await ask("/fleets/all/runs", { kind });
    assert.equal(status, 202, JSON.stringify(body));
    return (body as FleetRunBody).id;
  };
  const look = async (id: string): Promise<FleetRunBody> =>
    (await served.call("GET", `/fleet-runs/${id}`)).body as FleetRunBody;
  /** Asks until it is so, as a client does. */
  const until = async (id: string, isSo: (run: FleetRunBody) => boolean): Promise<FleetRunBody> => {
    for (;;) {
      const run = await look(id);
      if (isSo(run)) return run;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const ended = (id: string): Promise<FleetRunBody> => until(id, ({ state }) => state !== "running");
  const states = ({ waves }: FleetRunBody): string[] =>
    waves.flat().map(({ stack, state, code }) => `${stack} ${code ?? state}`);
  const begun = (): string[] =>
    STACKS.filter((name) => existsSync(join(served.project(name), "done"))).flatMap((name) =>
      served.done(name).map((line) => `${name}: ${line}`),
    );

  it("changes stack after stack in waves, each by an operation of its own", async () => {
    serve({ dev: { up: [{ line: "holds" }, "hold"] } });
    await served.start();
    const id = await begin();
    const first = await until(id, ({ waves }) => waves[0]?.[0]?.operation !== undefined);
    assert.deepEqual(
      [first.wave, states(first)],
      [1, ["dev running", "staging waiting", "prod-a waiting", "prod-b waiting"]],
    );
    assert.deepEqual((await served.call("GET", "/fleets")).body, {
      fleets: [{ name: "all", waves: [["dev"], ["staging"], ["prod-a", "prod-b"]], running: id, latest: id }],
    });
    served.release("dev");
    const end = await ended(id);
    assert.deepEqual(
      [end.state, end.wave, states(end)],
      ["succeeded", 3, ["dev done", "staging done", "prod-a done", "prod-b done"]],
    );
    const operations = await Promise.all(
      end.waves.flat().map(async ({ operation }) => (await served.call("GET", `/operations/${operation ?? ""}`)).body),
    );
    assert.deepEqual(
      operations.map(({ stack, kind, state, requestedBy, message }) => [stack, kind, state, requestedBy, message]),
      STACKS.map((stack) => [stack, "up", "succeeded", "tester", "fleet all"]),
    );
    const times = operations.map(({ startedAt, endedAt }) => ({ startedAt, endedAt }));
    assert.ok((times[0]?.["endedAt"] ?? "") <= (times[1]?.["startedAt"] ?? ""));
    assert.ok((times[1]?.["endedAt"] ?? "") <= (times[2]?.["startedAt"] ?? ""));
    assert.match(
      served.log,
      new RegExp(`"audit":true,"fleet":"all","fleetRun":"${id}","kind":"up","state":"succeeded"`),
    );
  });

  it("ends with the first bad wave, and goes on from there when it is told to", async () => {
    serve({ staging: { up: [{ error: "failed", message: "no quorum" }] } });
    await served.start();
    const id = await begin();
    const stopped = await ended(id);
    assert.deepEqual(
      [stopped.state, stopped.wave, states(stopped)],
      ["stopped", 2, ["dev done", "staging failed", "prod-a waiting", "prod-b waiting"]],
    );
    assert.equal(stopped.waves[1]?.[0]?.problem, "no quorum");
    served.script("staging", {});
    assert.equal((await ask(`/fleet-runs/${id}/resume`)).status, 202);
    assert.equal((await ended(id)).state, "succeeded");
    assert.deepEqual(begun(), [
      ...["dev: begin up fleet all", "dev: end up", "staging: begin up fleet all"],
      ...["staging: begin up fleet all", "staging: end up"],
      ...["prod-a: begin up fleet all", "prod-a: end up", "prod-b: begin up fleet all", "prod-b: end up"],
    ]);
    const again = await ask(`/fleet-runs/${id}/resume`);
    assert.deepEqual([again.status, again.body.detail], [409, "each stack of the run is done"]);
  });

  it("asks a gate of each changed stack before the next wave", async () => {
    const command = [
      process.execPath,
      "-e",
      "console.log('asked of {stack}'); process.exit(require('fs').existsSync('sick') ? 3 : 0)",
    ];
    serve({}, { gate: { command } });
    writeFileSync(join(served.project("dev"), "sick"), "");
    await served.start();
    const id = await begin();
    const stopped = await ended(id);
    assert.deepEqual([stopped.state, stopped.wave], ["stopped", 1]);
    assert.deepEqual(
      [stopped.waves[0]?.[0]?.code, stopped.waves[0]?.[0]?.problem],
      ["gate", "asked of dev (the gate ended with 3)"],
    );
    rmSync(join(served.project("dev"), "sick"));
    await ask(`/fleet-runs/${id}/resume`);
    assert.equal((await ended(id)).state, "succeeded");
    // What changes nothing has no gate.
    writeFileSync(join(served.project("dev"), "sick"), "");
    assert.equal((await ended(await begin("preview"))).state, "succeeded");
  });

  it("stops in good order when it is cancelled, and can go on after that", async () => {
    serve({ staging: { up: [{ line: "holds" }, "hold"] } });
    await served.start();
    const id = await begin();
    const { waves } = await until(id, (run) => run.waves[1]?.[0]?.operation !== undefined);
    await served.said(waves[1]?.[0]?.operation ?? "", "holds");
    assert.equal((await ask(`/fleet-runs/${id}/cancel`)).body.isCancelRequested, true);
    const end = await ended(id);
    assert.deepEqual(
      [end.state, end.wave, states(end)],
      ["cancelled", 2, ["dev done", "staging cancelled", "prod-a waiting", "prod-b waiting"]],
    );
    assert.equal((await ask(`/fleet-runs/${id}/cancel`)).status, 409);
    served.release("staging");
    await ask(`/fleet-runs/${id}/resume`);
    assert.equal((await ended(id)).state, "succeeded");
  });

  it("has one run at a time, and does a request with a key once", async () => {
    serve({ dev: { up: ["hold"] } });
    await served.start();
    const headers = { "idempotency-key": "nightly" };
    const first = await ask("/fleets/all/runs", { kind: "up" }, headers);
    const same = await ask("/fleets/all/runs", { kind: "up" }, headers);
    assert.deepEqual([same.status, same.body.id], [202, first.body.id]);
    const second = await ask("/fleets/all/runs", { kind: "refresh" });
    assert.deepEqual(
      [second.status, second.body.type, second.body.remedy],
      [
        409,
        "urn:groundwork:problem:fleet-busy",
        `wait for its end, or cancel it: /fleet-runs/${first.body.id as string}`,
      ],
    );
    served.release("dev");
    await ended(first.body.id as string);
    const listed = (await served.call("GET", "/fleets/all/runs")).body.runs as FleetRunBody[];
    assert.deepEqual(
      listed.map(({ id }) => id),
      [first.body.id],
    );
  });

  it("needs the verb on every stack of it, and is not there for who may not see one", async () => {
    serve();
    await served.start();
    const most = await served.token("dev:read,up", "staging:read,up", "prod-a:read,up", "prod-b:read");
    const refused = await served.call("POST", "/fleets/all/runs", { body: { kind: "up" }, token: most });
    assert.deepEqual([refused.status, refused.body.detail], [403, "the token 'tester' may not 'up' on stack 'prod-b'"]);
    const destroy = await ask("/fleets/all/runs", { kind: "destroy" });
    assert.equal(destroy.status, 400);
    const id = await begin("preview");
    await ended(id);
    const few = await served.token("dev:read,up,cancel", "staging:*".replace("*", "read"));
    for (const [method, url] of [
      ["GET", "/fleets/all"],
      ["GET", `/fleet-runs/${id}`],
      ["POST", `/fleet-runs/${id}/cancel`],
      ["POST", `/fleet-runs/${id}/resume`],
    ] as const) {
      assert.equal((await served.call(method, url, { token: few })).status, 404, url);
    }
    assert.deepEqual((await served.call("GET", "/fleets", { token: few })).body, { fleets: [] });
  });

  it("goes on where it was when the service is killed (-9), and begins nothing twice", async () => {
    serve({ dev: { up: [{ line: "holds" }, "hold"] } });
    const before = await served.spawn();
    const id = await begin();
    const { waves } = await until(id, (run) => run.waves[0]?.[0]?.operation !== undefined);
    await served.said(waves[0]?.[0]?.operation ?? "", "holds");
    await killed(before, "SIGKILL");
    // The stack ends while there is no service.
    served.release("dev");
    await served.ended("dev", "end up");
    await served.spawn();
    const end = await ended(id);
    assert.deepEqual([end.state, end.waves[0]], ["succeeded", [{ ...waves[0]?.[0], state: "done" }]]);
    assert.deepEqual(
      begun(),
      STACKS.flatMap((name) => [`${name}: begin up fleet all`, `${name}: end up`]),
    );
  });
});
