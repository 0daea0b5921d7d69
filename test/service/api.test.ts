import * as assert from "node:assert/strict";
import { request } from "node:http";
import { Served } from "./served";

describe("what the service answers", function () {
  this.timeout(60_000);
  let served: Served;
  beforeEach(async () => {
    served = new Served({ dev: {}, prod: {} });
    await served.start();
  });
  afterEach(() => served.remove());

  it("lets nobody in without a token, and tells a wrong one nothing", async () => {
    for (const token of ["", "other", `gw_0123456789ab_${"x".repeat(43)}`]) {
      const { status, headers, body } = await served.call("GET", "/stacks", { token });
      assert.deepEqual(
        [status, headers.get("www-authenticate"), body.type],
        [401, "Bearer", "urn:groundwork:problem:no-token"],
      );
    }
    assert.equal((await served.call("GET", "/nothing", { token: "" })).status, 401);
    assert.deepEqual((await served.call("GET", "/livez", { token: "" })).body, { status: "alive" });
    assert.deepEqual((await served.call("GET", "/readyz", { token: "" })).body, { status: "ready" });
  });

  it("holds a token to its stacks and verbs", async () => {
    const token = await served.token("dev:read,preview", "prod:up");
    assert.deepEqual((await served.call("GET", "/stacks", { token })).body, { stacks: [{ name: "dev" }] });
    const up = await served.call("POST", "/stacks/dev/runs", { token, body: { kind: "up" } });
    assert.deepEqual(up.body, {
      type: "urn:groundwork:problem:forbidden",
      title: "Forbidden",
      status: 403,
      detail: "the token 'tester' may not 'up' on stack 'dev'",
      remedy: "use a token with 'dev:up'",
    });
    assert.equal(up.headers.get("content-type"), "application/problem+json");
    // The same answer for a stack that there is and one that there is not.
    assert.equal((await served.call("GET", "/stacks/prod", { token })).status, 403);
    assert.equal((await served.call("GET", "/stacks/none", { token })).status, 403);
    const hidden = await served.begin("prod", "refresh");
    assert.equal((await served.call("GET", `/operations/${hidden}`, { token })).status, 404);
    assert.equal((await served.call("POST", `/operations/${hidden}/cancel`, { token })).status, 404);
    await served.all(hidden);
  });

  it("gives Prometheus the figures of the stacks that the token may read", async () => {
    const scrape = async (token: string): Promise<[number, string]> => {
      const response = await fetch(`${served.address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      return [response.status, await response.text()];
    };
    for (const stack of ["dev", "dev", "prod"]) await served.all(await served.begin(stack, "refresh"));
    assert.equal((await served.call("GET", "/metrics", { token: "" })).status, 401);
    const [status, text] = await scrape(await served.token("dev:read", "prod:up"));
    assert.equal(status, 200);
    assert.match(text, /^groundwork_operations\{stack="dev",kind="refresh",state="succeeded"\} 2$/m);
    assert.match(text, /^groundwork_last_duration_seconds\{stack="dev",kind="refresh",state="succeeded"\} \d/m);
    const [, at] = /^groundwork_last_ended_timestamp_seconds\{stack="dev".*\} (\S+)$/m.exec(text) ?? [];
    assert.ok(Math.abs(Number(at) - Date.now() / 1000) < 3600);
    assert.match(text, /^process_cpu_seconds_total /m);
    assert.doesNotMatch(text, /prod/);
  });

  it("refuses what it does not understand with all that is wrong", async () => {
    const bad = await served.call("POST", "/stacks/dev/runs", { body: { kind: "explode", mesage: "x" } });
    assert.deepEqual([bad.status, bad.body.type], [400, "urn:groundwork:problem:invalid-request"]);
    assert.deepEqual(
      bad.body.problems.map(({ path, problem }: { path: string; problem: string }) => [path, problem]),
      [
        ["body.kind", 'Invalid option: expected one of "up"|"refresh"|"destroy"'],
        ["body", 'Unrecognized key: "mesage"'],
      ],
    );
    const broken = await served.call("POST", "/stacks/dev/runs", { body: '{"kind":' });
    assert.deepEqual([broken.status, broken.body.detail], [400, "the body is not valid JSON"]);
    const text = await served.call("POST", "/stacks/dev/runs", {
      body: "kind",
      headers: { "content-type": "text/plain" },
    });
    assert.equal(text.status, 415);
    assert.equal((await served.call("GET", "/stacks/none")).body.type, "urn:groundwork:problem:unknown-stack");
    assert.equal((await served.call("GET", "/operations/none")).status, 400);
    assert.equal((await served.call("GET", "/operations/8b4d64bc-0179-4cb1-a915-04fdf6666697")).status, 404);
    assert.equal((await served.call("GET", "/nothing")).status, 404);
  });

  it("does not read a body that is larger than any has to be", async () => {
    const token = await served.token("*:up");
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${served.address}/stacks/dev/runs`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "content-length": 50 * 1024 * 1024,
        },
      });
      // Of the body nothing is sent: its length is enough to refuse it.
      sent.on("response", (response) => resolve(response.statusCode)).on("error", reject);
      sent.flushHeaders();
    });
    assert.equal(status, 413);
  });

  it("does a request with a key once, and refuses the key for another request", async () => {
    const headers = { "idempotency-key": "nightly-1" };
    const body = { kind: "up", message: "nightly" };
    const first = await served.call("POST", "/stacks/dev/runs", { body, headers });
    const second = await served.call("POST", "/stacks/dev/runs", { body: { message: "nightly", kind: "up" }, headers });
    assert.deepEqual([second.status, second.body.id], [202, first.body.id]);
    assert.deepEqual(
      [first, second].map(({ headers: had }) => had.get("idempotency-replayed")),
      [null, "true"],
    );
    const other = await served.call("POST", "/stacks/dev/runs", { body: { kind: "destroy" }, headers });
    assert.deepEqual([other.status, other.body.type], [422, "urn:groundwork:problem:key-reused"]);
    await served.all(first.body.id as string);
    assert.deepEqual(served.done("dev"), ["begin up nightly", "end up"]);
  });

  it("tells a listener again from any message on, and one that has heard the end to stop", async () => {
    served.script("dev", { up: [{ line: "one" }, { line: "two" }] });
    const id = await served.begin("dev", "up");
    const all = await served.all(id);
    assert.deepEqual(
      all.map(({ event }) => event),
      ["line", "line", "summary", "end"],
    );
    for (const [at, { id: received }] of all.slice(0, -1).entries()) {
      assert.deepEqual(await served.all(id, received), all.slice(at + 1));
    }
    assert.equal(
      (await served.call("GET", `/operations/${id}/events`, { headers: { "last-event-id": "end" } })).status,
      204,
    );
    const made = await served.call("GET", `/operations/${id}/events`, { headers: { "last-event-id": "3" } });
    assert.equal(made.status, 400);
  });

  it("keeps secrets among the outputs for those who may see them", async () => {
    const outputs = await served.call("GET", "/stacks/dev/outputs");
    assert.deepEqual(outputs.body, { outputs: { apiEndpoint: "https://192.0.2.1:6443", kubeconfig: "[secret]" } });
    const token = await served.token("dev:outputs");
    assert.equal((await served.call("GET", "/stacks/dev/outputs?secrets=true", { token })).status, 403);
    const open = await served.call("GET", "/stacks/dev/outputs?secrets=true");
    assert.equal(open.body.outputs.kubeconfig, "the kubeconfig");
    assert.equal(open.headers.get("cache-control"), "no-store");
    assert.match(served.log, /"audit":true,"token":"tester","stack":"dev","msg":"secret outputs read"/);
  });

  it("tells the engine's history, and its own list of operations", async () => {
    const history = await served.call("GET", "/stacks/dev/history");
    assert.deepEqual(history.body.entries, [
      { version: 1, operation: "up", result: "succeeded", start: "1970-01-01T00:00:00.000Z", changes: {}, message: "" },
    ]);
    const ids = [
      await served.begin("dev", "preview"),
      await served.begin("dev", "up"),
      await served.begin("dev", "refresh"),
    ];
    await served.all(ids[2] ?? "");
    const page = async (query: string): Promise<string[]> =>
      ((await served.call("GET", `/stacks/dev/operations?${query}`)).body.operations as { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await page("limit=2"), [ids[2], ids[1]]);
    assert.deepEqual(await page(`limit=2&before=${ids[1] ?? ""}`), [ids[0]]);
  });

  it("approves nothing but a preview that has succeeded", async () => {
    served.script("dev", { preview: [{ error: "failed", message: "no" }] });
    const [failed, run] = [await served.begin("dev", "preview"), await served.begin("dev", "up")];
    await Promise.all([served.all(failed), served.all(run)]);
    const answers = await Promise.all(
      [failed, run].map((id) => served.call("POST", `/previews/${id}/approve`, { body: {} })),
    );
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.detail]),
      [
        [409, "the preview is failed"],
        [409, "the operation is no preview, but: up"],
      ],
    );
  });

  it("takes no more than twenty operations in front of a stack", async () => {
    served.script("dev", { up: ["hold"] });
    const ids: string[] = [];
    for (let at = 0; at < 21; at++) ids.push(await served.begin("dev", "up"));
    const more = await served.call("POST", "/stacks/dev/runs", { body: { kind: "up" } });
    assert.deepEqual([more.status, more.body.type], [429, "urn:groundwork:problem:queue-full"]);
    for (const id of ids.reverse()) await served.call("POST", `/operations/${id}/cancel`);
    await served.all(ids.at(-1) ?? "");
  });

  it("writes into its log who asked for what and how it was answered, and no token", async () => {
    const token = await served.token("dev:read");
    await served.call("GET", "/stacks/dev", { token });
    await served.call("GET", "/stacks/dev", { token: `${token}x` });
    assert.ok(!served.log.includes(token));
    assert.match(served.log, /"refused":"unknown"/);
    assert.match(
      served.log,
      /"method":"GET","path":"\/stacks\/dev","status":200,"ms":\d+,"token":"tester","msg":"answered"/,
    );
  });
});

describe("a service with many requests", function () {
  this.timeout(60_000);

  it("refuses those of a token that sends too many, and no others", async () => {
    const served = new Served({ dev: {} }, { requestsPerMinute: 3 });
    try {
      await served.start();
      for (let at = 0; at < 3; at++) assert.equal((await served.call("GET", "/stacks")).status, 200);
      const refused = await served.call("GET", "/stacks");
      assert.deepEqual([refused.status, refused.body.type], [429, "urn:groundwork:problem:too-many-requests"]);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
      assert.equal((await served.call("GET", "/stacks", { token: await served.token("dev:read") })).status, 200);
    } finally {
      await served.remove();
    }
  });
});
