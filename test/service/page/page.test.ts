import * as assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Tokens } from "../../../service/access/tokens";
import { messagesOf } from "../../../service/eventStream";
import { Operations } from "../../../service/store/operations";
import { openSqlite } from "../../../service/store/sqliteStore";
import { Served } from "../served";
import { buttonsOf, Visitor } from "./visitor";

describe("the service's page", function () {
  this.timeout(60_000);
  let served: Served;
  let visitor: Visitor;
  beforeEach(() => {
    served = new Served({ dev: { up: [{ line: "holds" }, "hold"] }, prod: {} });
    visitor = new Visitor(served);
  });
  afterEach(() => served.remove());
  const start = (stack: string, kind: string, more = {}): ReturnType<Visitor["post"]> =>
    visitor.post(`/page/stacks/${stack}/operations`, { kind, key: randomUUID(), ...more });

  it("asks who it is, and leads back to where somebody wanted to go, but to no other site", async () => {
    await served.start();
    assert.equal((await visitor.get("/")).location, "/page");
    const asked = await visitor.get("/page/stacks/dev");
    assert.deepEqual([asked.status, asked.location], [303, "/page/sign-in?next=%2Fpage%2Fstacks%2Fdev"]);
    const token = await served.token("*:read");
    const signedIn = await visitor.post("/page/sign-in", { token, next: "/page/stacks/dev" });
    assert.deepEqual([signedIn.status, signedIn.location], [303, "/page/stacks/dev"]);
    assert.match((await visitor.get("/page/stacks/dev")).text, /<h1>Stack dev<\/h1>/);
    for (const next of ["https://example.org/page", "//example.org", "/page\\..//example.org", "/stacks"]) {
      assert.equal((await visitor.post("/page/sign-in", { token, next })).location, "/page", next);
    }
    assert.equal((await visitor.get("/page/nothing")).status, 404);
  });

  it("lets nobody in with another token, and shows and logs none", async () => {
    await served.start();
    const token = await served.token("*:read");
    const wrong = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    const refused = await visitor.post("/page/sign-in", { token: wrong });
    assert.equal(refused.status, 401);
    assert.match(refused.text, /role="alert">The service does not know this token\. Ask the operator for a new one\.</);
    assert.equal(visitor.cookie, "");
    await visitor.post("/page/sign-in", { token });
    const pages = [refused, await visitor.get("/page"), await visitor.get("/page/stacks/dev")];
    const all = served.log + pages.map(({ text }) => text).join("");
    for (const text of [token, wrong, visitor.cookie.split("=")[1] ?? ""]) assert.ok(!all.includes(text));
    assert.match(served.log, /"refused":"unknown".*"token refused"/);
    assert.match(served.log, /"token":"tester".*"signed in on the page"/);
  });

  it("gives a cookie that no script reads and no other site sends, and over TLS only to this host", async () => {
    await served.start();
    const token = await served.token("*:read");
    const plain = await visitor.post("/page/sign-in", { token });
    assert.match(plain.headers.get("set-cookie") ?? "", /^groundwork=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const behindProxy = { "sec-fetch-site": "same-origin", origin: "https://clusters.example.com" };
    const secure = await visitor.post("/page/sign-in", { token }, behindProxy);
    assert.match(
      secure.headers.get("set-cookie") ?? "",
      /^__Host-groundwork=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  it("ends a session with its token, and by signing out", async () => {
    await served.start();
    const token = await visitor.signIn("*:read");
    assert.equal((await visitor.get("/page")).status, 200);
    const store = await openSqlite(join(served.directory, "state"));
    await new Tokens(store).revoke(token.split("_")[1] ?? "");
    await store.close();
    assert.equal((await visitor.get("/page")).location, "/page/sign-in?next=%2Fpage");
    assert.match((await visitor.post("/page/sign-in", { token })).text, /This token was revoked\./);

    await visitor.signIn("*:read");
    const { cookie } = visitor;
    assert.equal((await visitor.post("/page/sign-out")).location, "/page/sign-in");
    assert.equal(visitor.cookie, "");
    visitor.cookie = cookie;
    assert.equal((await visitor.get("/page")).status, 303);
  });

  it("tells a page that is open nothing more when its session has ended", async () => {
    await served.start();
    await visitor.signIn("*:read");
    const run = await served.begin("dev", "up");
    const watched = await fetch(`${served.address}/page/operations/${run}/events`, {
      headers: { cookie: visitor.cookie, accept: "text/event-stream" },
    });
    const names: string[] = [];
    for await (const { event } of messagesOf(watched)) {
      names.push(event);
      await visitor.post("/page/sign-out");
      served.script("dev", {});
      served.release("dev");
    }
    assert.deepEqual(names, ["put"]);
    assert.equal((await served.all(run)).at(-1)?.data.state, "succeeded");
  });

  it("goes on behind the last message that a page has had, and has it stop at the end", async () => {
    await served.start();
    await visitor.signIn("*:read");
    const run = await served.begin("dev", "up");
    await served.said(run, "holds");
    const [, after = ""] =
      /events\?after=(\d+)&amp;state=running"/.exec((await visitor.get(`/page/operations/${run}`)).text) ?? [];
    assert.ok(Number(after) > 0);
    const listen = (query: string, last: string): Promise<Response> =>
      fetch(`${served.address}/page/operations/${run}/events${query}`, {
        headers: {
          cookie: visitor.cookie,
          accept: "text/event-stream",
          ...(last === "" ? {} : { "last-event-id": last }),
        },
      });
    served.release("dev");
    const events: Record<string, string[]> = {};
    for (const [query, last] of [
      [`?after=${after}`, ""],
      ["", after],
      ["?after=0", ""],
      ["", "other"],
    ] as const) {
      const names = (events[`${query} ${last}`.trim()] = [] as string[]);
      for await (const { event } of messagesOf(await listen(query, last))) names.push(event);
    }
    assert.deepEqual(Object.values(events), [["end"], ["end"], ["put", "end"], ["put", "end"]]);
    assert.equal((await listen("", "end")).status, 204);
  });

  it("tells a page of an operation that waits when it begins", async () => {
    await served.start();
    await visitor.signIn("*:read");
    const first = await served.begin("dev", "up");
    await served.said(first, "holds");
    served.script("dev", { refresh: [{ line: "begun" }] });
    const second = await served.begin("dev", "refresh");
    const { text } = await visitor.get(`/page/operations/${second}`);
    assert.match(text, /id="state".*>queued</);
    const [, live = ""] = /data-live="([^"]*)"/.exec(text) ?? [];
    const headers = { cookie: visitor.cookie, accept: "text/event-stream" };
    const listen = (): Promise<Response> => fetch(`${served.address}${live.replace("&amp;", "&")}`, { headers });
    const puts = async (stream: Response): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { event, data } of messagesOf(stream)) {
        if (event === "put") ids.push(...(data as { id: string }[]).map(({ id }) => id));
      }
      return ids;
    };
    const stream = await listen();
    served.release("dev");
    assert.deepEqual(await puts(stream), ["state", "facts", "line-0"]);
    await served.all(second);
    // It has begun and ended before the page has listened.
    assert.deepEqual(await puts(await listen()), ["line-0"]);
  });

  it("does nothing that another site asks for in somebody's name", async () => {
    await served.start();
    await visitor.signIn("*:read,up");
    const form = { kind: "up", key: randomUUID() };
    const others: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://example.org" },
      { origin: "null" },
      {},
    ];
    for (const headers of others) {
      const { status, text } = await visitor.post("/page/stacks/dev/operations", form, headers);
      assert.equal(status, 403);
      assert.match(text, /the request does not come from a page of this service/);
    }
    assert.deepEqual((await served.call("GET", "/stacks/dev/operations")).body, { operations: [] });
    // The API takes no cookie.
    const api = await visitor.get("/stacks");
    assert.equal(api.status, 401);
  });

  it("has the buttons that the token's verbs allow, and refuses the others", async () => {
    await served.start();
    await visitor.signIn("dev:read,preview", "prod:read,preview,refresh,up");
    assert.deepEqual(buttonsOf(await visitor.get("/page/stacks/dev")), ["Preview"]);
    assert.deepEqual(buttonsOf(await visitor.get("/page/stacks/prod")), ["Preview", "Refresh", "Up"]);
    for (const kind of ["up", "refresh"]) {
      const refused = await start("dev", kind);
      assert.deepEqual([refused.status, buttonsOf(refused)], [403, []]);
      assert.match(
        refused.text,
        new RegExp(`the token &#39;tester&#39; may not &#39;${kind}&#39; on stack &#39;dev&#39;`),
      );
    }
    assert.equal((await start("dev", "destroy")).status, 400);
    const begun = await start("dev", "preview");
    const id = begun.location?.split("/").at(-1) ?? "";
    await served.all(id);
    assert.deepEqual(buttonsOf(await visitor.get(`/page/operations/${id}`)), []);
    assert.equal((await visitor.post(`/page/operations/${id}/approve`, { key: randomUUID() })).status, 403);
    const up = await served.begin("dev", "up");
    await served.said(up, "holds");
    assert.deepEqual(buttonsOf(await visitor.get(`/page/operations/${up}`)), []);
    assert.equal((await visitor.post(`/page/operations/${up}/cancel`)).status, 403);
    served.release("dev");
    assert.equal((await served.all(up)).at(-1)?.data.state, "succeeded");
  });

  it("tells nothing of stacks that the token may not read", async () => {
    await served.start();
    const hidden = await served.begin("prod", "refresh");
    await served.all(hidden);
    await visitor.signIn("dev:read");
    assert.ok(!(await visitor.get("/page")).text.includes("prod"));
    assert.equal((await visitor.get("/page/stacks/prod")).status, 403);
    assert.equal((await visitor.get("/page/stacks/none")).status, 403);
    for (const path of ["", "/events"]) {
      assert.equal((await visitor.get(`/page/operations/${hidden}${path}`)).status, 404);
    }
    assert.match((await visitor.get("/page/stacks/dev")).text, /which this token may not see \(outputs\)/);
  });

  it("does once what a form asks for that is sent twice", async () => {
    await served.start();
    await visitor.signIn("dev:read,refresh");
    const key = randomUUID();
    const [first, second] = [await start("dev", "refresh", { key }), await start("dev", "refresh", { key })];
    assert.equal(first.status, 303);
    assert.equal(second.location, first.location);
    assert.equal((await served.call("GET", "/stacks/dev/operations")).body.operations.length, 1);
    await served.all(first.location?.split("/").at(-1) ?? "");
  });

  it("shows operations a page at a time", async () => {
    const store = await openSqlite(join(served.directory, "state"));
    const operations = new Operations(store);
    for (let number = 1; number <= 45; number++) {
      const { id } = await operations.add({ stack: "dev", kind: "up", requestedBy: "ci", message: `note ${number}.` });
      await operations.end(id, { state: "failed" });
    }
    await store.close();
    await served.start();
    await visitor.signIn("dev:read");
    const seen: string[][] = [];
    for (let path: string | undefined = "/page/stacks/dev"; path !== undefined;) {
      const { text } = await visitor.get(path);
      seen.push([...text.matchAll(/note \d+\./g)].map(([note]) => note));
      [, path] = /<a href="([^"]*)#operations">Older</.exec(text) ?? [];
    }
    assert.deepEqual(
      seen.map((notes) => [notes.length, notes[0], notes.at(-1)]),
      [
        [20, "note 45.", "note 26."],
        [20, "note 25.", "note 6."],
        [5, "note 5.", "note 1."],
      ],
    );
  });

  it("sends pages that run, load and are framed by nothing from elsewhere, and that nobody keeps", async () => {
    await served.start();
    await visitor.signIn("*:read");
    for (const path of ["/page", "/page/stacks/dev", "/page/nothing", "/page/sign-in?next=/page"]) {
      const { headers, text } = await visitor.get(path);
      if (headers.get("location") !== null) continue;
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; style-src 'self'; script-src 'self';.* frame-ancestors 'none'$/);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.doesNotMatch(text, /<style|<script>| style=| on\w+=|https?:/);
      const assets = [...text.matchAll(/(?:href|src)="(\/page\/assets\/[^"]*)"/g)].map(([, asset = ""]) => asset);
      const types = await Promise.all(
        assets.map(async (asset) => (await visitor.get(asset)).headers.get("content-type")),
      );
      assert.deepEqual(types, [
        "image/svg+xml; charset=utf-8",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
      ]);
    }
  });
});
