import * as assert from "node:assert/strict";
import type { FleetRunBody } from "../../service/client";
import { killed, type Served } from "./served";
import { describePostgres, SharedServices } from "./sharedServices";

describePostgres("a fleet of several services on one PostgreSQL", (server) => {
  let shared: SharedServices;
  afterEach(() => shared.remove());

  it("goes on by the other one when the service is killed that was asked, and begins nothing twice", async () => {
    const stacks = { dev: { up: [{ line: "holds" }, "hold" as const] }, staging: {}, prod: {} };
    shared = await SharedServices.make(server, stacks, {
      fleets: { all: { waves: [["dev"], ["staging"], ["prod"]] } },
    });
    const { one, other } = shared;
    const first = await one.spawn();
    await other.spawn();
    const { body } = await one.call("POST", "/fleets/all/runs", { body: { kind: "up" } });
    const { id } = body as FleetRunBody;
    const look = async (served: Served): Promise<FleetRunBody> =>
      (await served.call("GET", `/fleet-runs/${id}`)).body as FleetRunBody;
    let run = await look(other);
    while (run.waves[0]?.[0]?.operation === undefined) run = await look(other);
    await other.said(run.waves[0][0].operation, "holds");
    await killed(first, "SIGKILL");
    // Whoever has it: a run goes on for a while without its service, and its service comes back.
    other.release("dev");
    await one.spawn();
    while (run.state === "running") run = await look(other);
    assert.equal(run.state, "succeeded");
    for (const stack of ["dev", "staging", "prod"]) {
      assert.deepEqual(other.done(stack), ["begin up fleet all", "end up"], stack);
    }
  });
});
