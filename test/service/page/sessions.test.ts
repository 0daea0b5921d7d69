import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../../config/secret";
import { Tokens, type Token } from "../../../service/access/tokens";
import { Sessions } from "../../../service/page/sessions";
import { openStore } from "../../../service/store/openStore";
import { openSqlite } from "../../../service/store/sqliteStore";
import type { Store } from "../../../service/store/store";
import { describePostgres } from "../sharedServices";

const HOUR = 3_600_000;

describe("a session of the page", () => {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  let store: Store;
  let time = Date.parse("2026-03-01T10:00:00Z");
  const now = (): Date => new Date(time);
  const token = async (hours: number): Promise<Token> => {
    const expiresAt = new Date(time + hours * HOUR);
    return (await new Tokens(store, now).create({ name: "ci", grants: [], expiresAt })).token;
  };
  before(async () => (store = await openSqlite(directory)));
  after(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("lasts for eight hours, and no longer than its token", async () => {
    const sessions = new Sessions({ store, tokens: new Tokens(store, now), now });
    const [long, short] = [await sessions.begin(await token(100)), await sessions.begin(await token(2))];
    const known = async (id: string): Promise<boolean> => (await sessions.tokenOf(id)) !== undefined;
    time += HOUR;
    assert.deepEqual([await known(long), await known(short), await known("other")], [true, true, false]);
    time += HOUR;
    assert.deepEqual([await known(long), await known(short)], [true, false]);
    time += 6 * HOUR;
    assert.equal(await known(long), false);
  });

  it("gives way to the newest ones of the same token", async () => {
    const sessions = new Sessions({ store, tokens: new Tokens(store, now), now });
    const [one, other] = [await token(1), await token(1)];
    const kept = await sessions.begin(other);
    const ids: string[] = [];
    for (let number = 0; number < 21; number++) {
      time += 1;
      ids.push(await sessions.begin(one));
    }
    const known = await Promise.all([kept, ...ids].map((id) => sessions.tokenOf(id)));
    assert.deepEqual(
      known.map((found) => found?.id),
      [other.id, undefined, ...Array.from({ length: 20 }, () => one.id)],
    );
  });
});

describePostgres("a session of the page, in PostgreSQL", (server) => {
  it("is known to every service, and ends for all of them", async () => {
    const settings = { directory: "", database: { url: Secret.of(await server.database()), goneSeconds: 60 } };
    const stores = await Promise.all([openStore(settings), openStore(settings)]);
    const now = (): Date => new Date();
    const [one, other] = stores.map((store) => new Sessions({ store, tokens: new Tokens(store, now), now }));
    const expiresAt = new Date(Date.now() + HOUR);
    const { token } = await new Tokens(stores[0], now).create({ name: "ci", grants: [], expiresAt });
    const ids = [await one!.begin(token), await other!.begin(token)];
    assert.deepEqual(await Promise.all(ids.map(async (id) => (await other!.tokenOf(id))?.name)), ["ci", "ci"]);
    await other!.end(ids[0]!);
    assert.equal(await one!.tokenOf(ids[0]!), undefined);
    await Promise.all(stores.map((store) => store.close()));
  });
});
