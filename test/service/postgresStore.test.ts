import * as assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "../../config/secret";
import { openStore } from "../../service/store/openStore";
import { freePort } from "../freePort";
import { groundworkCommand } from "../cli/capture";
import { Served } from "./served";
import { describePostgres } from "./sharedServices";

describePostgres("a record in PostgreSQL", (server) => {
  let served: Served;
  beforeEach(() => (served = new Served({ dev: {} }, { database: { urlFile: "url" } })));
  afterEach(() => served.remove());
  /** What `serve` says with that URL. */
  const said = async (url: string): Promise<string> => {
    served.write("url", url);
    const { code, err } = await groundworkCommand(["serve", "--config", served.file]);
    assert.equal(code, 1);
    assert.ok(!err.includes(new URL(url).password));
    return err;
  };

  it("keeps transactions apart, does all or nothing of each, and does one again that somebody was quicker than", async () => {
    const settings = { directory: "", database: { url: Secret.of(await server.database()), goneSeconds: 60 } };
    // Both make the tables.
    const stores = await Promise.all([openStore(settings), openStore(settings)]);
    const [store, other] = stores;
    const insert = "INSERT INTO replays (token, key, digest, operation, created_at) VALUES ('t', ?, ?, 'o', '')";
    await assert.rejects(
      store.transaction(async (within) => {
        await within.run(insert, "a", "undone");
        assert.equal(await other.one("SELECT digest FROM replays WHERE key = ?", "a"), undefined);
        await within.transaction((inner) => inner.run(insert, "b", "undone"));
        throw new Error("refused");
      }),
      /refused/,
    );
    assert.deepEqual(await store.all("SELECT key FROM replays"), []);
    const once = (by: typeof store, who: string): Promise<string> =>
      by.transaction(async (within) => {
        const row = await within.one("SELECT digest FROM replays WHERE key = ?", "c");
        if (row !== undefined) return `found ${String(row["digest"])}`;
        await within.run(insert, "c", who);
        return "made";
      });
    const both = await Promise.all([once(store, "one"), once(other, "other")]);
    assert.equal(both.filter((what) => what === "made").length, 1);
    assert.match(both.find((what) => what !== "made") ?? "", /^found (one|other)$/);
    await Promise.all(stores.map((each) => each.close()));
  });

  it("says what is wrong when it cannot be had, and never the password", async () => {
    const port = await freePort();
    const place = `127.0.0.1:${port}`;
    assert.equal(
      await said(server.url({ port })),
      `groundwork: PostgreSQL at ${place} cannot be reached: ECONNREFUSED; look whether it runs, and correct the host in the database's URL\n`,
    );
    assert.equal(
      await said(server.url({ password: "wrong-one" })),
      `groundwork: PostgreSQL does not let the service in: password authentication failed for user "groundwork"; correct user and password in the database's URL\n`,
    );
    assert.equal(
      await said(server.url({ database: "none" })),
      `groundwork: PostgreSQL: database "none" does not exist; create it, with the service's user as its owner\n`,
    );
    assert.match(
      await said(`${server.url()}?sslmode=require`),
      /^groundwork: no TLS with PostgreSQL at 127\.0\.0\.1:\d+: The server does not support SSL connections; correct sslmode and sslrootcert in the database's URL; docs\/service\.md tells what they mean\n$/,
    );
  });

  it("is reached by TLS as the URL says", async () => {
    const certificate = await server.tls();
    const url = (await server.database()).replace("127.0.0.1", "localhost");
    assert.match(
      await said(`${url}?sslmode=verify-full`),
      /^groundwork: no TLS with PostgreSQL at localhost:\d+: self-signed certificate; /,
    );
    served.write("url", `${url}?sslmode=verify-full&sslrootcert=${certificate}`);
    await served.start();
    const token = await served.token("dev:read");
    assert.equal((await served.call("GET", "/stacks/dev", { token })).status, 200);
    const ways =
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'groundwork'";
    assert.deepEqual(await server.sql("postgres", ways), [{ ssl: true }]);
  });

  it("is not begun on that of a newer Groundwork, or on tables of somebody else", async () => {
    const newer = await server.database();
    await server.sql(
      newer,
      "CREATE TABLE groundwork_schema (version INTEGER); INSERT INTO groundwork_schema VALUES (99)",
    );
    assert.equal(
      await said(newer),
      "groundwork: the database has the record of a newer Groundwork; run that version, or give this one another database\n",
    );
    const foreign = await server.database();
    await server.sql(foreign, "CREATE TABLE tokens (id TEXT)");
    assert.equal(
      await said(foreign),
      `groundwork: PostgreSQL: relation "tokens" already exists, and is not the service's; give it a database of its own\n`,
    );
    assert.deepEqual(await server.sql(foreign, "SELECT to_regclass('operations') AS made"), [{ made: null }]);
  });

  it("has the tokens that the command line makes", async () => {
    served.write("url", await server.database());
    await served.start();
    const args = ["serve", "token", "create", "--name", "ci", "--allow", "dev:read", "--config", served.file];
    const token = (await groundworkCommand(args)).out.trim();
    assert.equal((await served.call("GET", "/stacks/dev", { token })).status, 200);
  });

  it("refuses a text that it cannot keep", async () => {
    served.write("url", await server.database());
    await served.start();
    const { status, body } = await served.call("POST", "/stacks/dev/runs", { body: { kind: "up", message: "a\0b" } });
    assert.deepEqual([status, body.detail], [400, "a text has a character that PostgreSQL does not keep (NUL)"]);
  });

  it("keeps a large event and a large plan out, and says so", async () => {
    writeFileSync(join(served.project("dev"), "plan-mib"), "65");
    served.script("dev", { preview: [{ line: "x".repeat(300 * 1024) }] });
    served.write("url", await server.database());
    await served.start();
    const preview = await served.begin("dev", "preview");
    const [first] = await served.all(preview);
    assert.match(first?.data.text, /^an event was left out: it is larger than 256 KiB\./);
    const { body } = await served.call("POST", `/previews/${preview}/approve`, { body: {} });
    const { state, error } = (await served.all(body.id as string)).at(-1)?.data;
    assert.deepEqual(
      [state, error],
      [
        "failed",
        {
          code: "plan-too-large",
          message: "the preview's plan has 66 MiB, and at most 64 are kept",
          remedy: "ask for an up; nothing was changed",
        },
      ],
    );
  });
});
