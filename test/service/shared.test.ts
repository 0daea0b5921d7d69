import * as assert from "node:assert/strict";
import type { Message } from "./served";
import { describePostgres, SharedServices } from "./sharedServices";

const shown = (messages: readonly Message[]): unknown[] =>
  messages.map(({ event, data }) => data.text ?? data.state ?? event);

describePostgres("several services on one PostgreSQL", (server) => {
  let services: SharedServices;
  afterEach(() => services.remove());
  const make = async (
    ...args: Parameters<typeof SharedServices.make> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    services = await SharedServices.make(server, ...args);
    await services.start();
    return services;
  };

  it("share the work, and keep the order of each stack", async () => {
    const holds = { up: [{ line: "holds" }, "hold"] } as const;
    const { one, other } = await make({ dev: holds, prod: holds }, { runsAtOnce: 1 });
    const [dev, prod] = [await one.begin("dev", "up"), await one.begin("prod", "up")];
    const [second, third] = [await other.begin("dev", "refresh"), await one.begin("dev", "destroy")];
    await Promise.all([one.said(dev, "holds"), one.said(prod, "holds")]);
    // Each has one of them.
    assert.deepEqual(
      [dev, prod].map((id) => [one, other].filter((each) => each.has(id)).length),
      [1, 1],
    );
    assert.notEqual(one.has(dev), one.has(prod));
    assert.equal((await other.call("GET", `/operations/${second}`)).body.state, "queued");
    for (const name of ["dev", "prod"]) one.release(name);
    await Promise.all([dev, prod, second, third].map((id) => other.all(id)));
    const ended = ["up", "refresh", "destroy"].flatMap((kind) => [`begin ${kind}`, `end ${kind}`]);
    assert.deepEqual(one.done("dev"), ended);
  });

  it("tell the events of each other's runs, from where a listener was", async () => {
    const { one, other } = await make({ dev: { up: [{ line: "before" }, "hold", { line: "after" }] } });
    const id = await one.begin("dev", "up");
    await one.said(id, "before");
    const [owner, guest] = one.has(id) ? [one, other] : [other, one];
    let received = "";
    for await (const message of owner.messages(id)) {
      received = message.id;
      break;
    }
    const rest = guest.all(id, received);
    one.release("dev");
    assert.deepEqual(shown(await rest), ["after", "summary", "succeeded"]);
    assert.deepEqual(await guest.all(id), await owner.all(id));
    assert.deepEqual((await guest.call("GET", `/operations/${id}`)).body.state, "succeeded");
    const made = await guest.call("GET", `/operations/${id}/events`, {
      headers: { accept: "text/event-stream", "last-event-id": "3" },
    });
    assert.equal(made.status, 400);
  });

  it("do the plan of each other's previews", async () => {
    const { one, other } = await make({ dev: { preview: [{ line: "looked" }] } }, { runsAtOnce: 1 });
    const preview = await one.begin("dev", "preview");
    await one.all(preview);
    const owner = one.has(preview) ? one : other;
    await owner.stop();
    const left = owner === one ? other : one;
    const approved = await left.call("POST", `/previews/${preview}/approve`, { body: {} });
    assert.equal((await left.all(approved.body.id as string)).at(-1)?.data.state, "succeeded");
    assert.deepEqual(one.done("dev"), ["begin preview", "end preview", "begin up that plan", "end up"]);
  });

  it("cancel each other's runs", async () => {
    const { one, other } = await make({ dev: { up: [{ line: "holds" }, "hold"] } });
    const id = await one.begin("dev", "up");
    await one.said(id, "holds");
    const guest = one.has(id) ? other : one;
    assert.equal((await guest.call("POST", `/operations/${id}/cancel`)).body.isCancelRequested, true);
    assert.equal((await guest.all(id)).at(-1)?.data.state, "cancelled");
  });

  it("do a request once that comes to both at the same time, and approve a preview once", async () => {
    const { one, other } = await make({ dev: {} });
    const token = await one.token("dev:read,up");
    const request = { token, body: { kind: "up", message: "nightly" }, headers: { "idempotency-key": "nightly-1" } };
    const both = await Promise.all([one, other].map((each) => each.call("POST", "/stacks/dev/runs", request)));
    assert.deepEqual(
      both.map(({ status }) => status),
      [202, 202],
    );
    assert.equal(both[0]?.body.id, both[1]?.body.id);
    const preview = await one.begin("dev", "preview");
    await one.all(preview);
    const approvals = await Promise.all(
      [one, other].map((each) => each.call("POST", `/previews/${preview}/approve`, { body: {} })),
    );
    assert.deepEqual(approvals.map(({ status }) => status).sort(), [202, 409]);
    await one.all(approvals.find(({ status }) => status === 202)?.body.id as string);
    assert.equal(one.done("dev").filter((line) => line.startsWith("begin up that plan")).length, 1);
  });

  it("know each other's tokens", async () => {
    const { one, other } = await make({ dev: {} });
    const token = await one.token("dev:read");
    assert.equal((await other.call("GET", "/stacks/dev", { token })).status, 200);
  });

  it("take operations of the stacks that they have", async () => {
    const { one, other } = await make({ dev: {}, prod: {} });
    await other.stop();
    other.only("dev");
    await other.start();
    await one.stop();
    const dev = await other.begin("dev", "up");
    await other.all(dev);
    assert.equal((await other.call("POST", "/stacks/prod/runs", { body: { kind: "up" } })).status, 404);
    await one.start();
    const prod = await one.begin("prod", "up");
    await other.all(prod);
    assert.deepEqual([one.has(dev), one.has(prod), other.has(dev), other.has(prod)], [false, true, true, false]);
  });
});
