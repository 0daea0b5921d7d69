import * as assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allows, parseGrant } from "../../service/access/grants";
import { Tokens } from "../../service/access/tokens";
import { openStore } from "../../service/store/openStore";
import type { Store } from "../../service/store/store";

describe("tokens of the service", () => {
  let directory: string;
  let store: Store;
  let now: Date;
  let tokens: Tokens;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    store = await openStore({ directory: directory, database: undefined });
    now = new Date("2026-03-01T10:00:00Z");
    tokens = new Tokens(store, () => now);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const create = (): ReturnType<Tokens["create"]> =>
    tokens.create({ name: "ci", grants: [parseGrant("dev:read,up")], expiresAt: new Date("2026-03-02T10:00:00Z") });

  it("are known by their text until they expire or are revoked", async () => {
    const { text, token } = await create();
    assert.deepEqual(await tokens.known(text), { token });
    assert.deepEqual(await tokens.known(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`), {
      refused: "unknown",
    });
    assert.deepEqual(await tokens.known(""), { refused: "unknown" });
    assert.equal(await tokens.revoke(token.id), true);
    assert.equal(await tokens.revoke(token.id), false);
    assert.deepEqual(await tokens.known(text), { refused: "revoked" });
    const other = await create();
    now = new Date("2026-03-02T10:00:00Z");
    assert.deepEqual(await tokens.known(other.text), { refused: "expired" });
  });

  it("stand in no file", async () => {
    const { text } = await create();
    const secret = text.split("_").slice(2).join("_");
    for (const file of readdirSync(directory)) {
      assert.ok(!readFileSync(join(directory, file), "latin1").includes(secret), file);
    }
  });

  it("are granted by stack and verb", () => {
    const grants = [parseGrant("dev:read,up"), parseGrant("*:read"), parseGrant("acme/prod:preview")];
    assert.equal(allows(grants, "dev", "up"), true);
    assert.equal(allows(grants, "prod", "read"), true);
    assert.equal(allows(grants, "prod", "up"), false);
    assert.equal(allows(grants, "acme/prod", "preview"), true);
    assert.equal(allows([parseGrant("dev:up")], "dev", "secrets"), false);
    const remedy =
      "write STACK:VERB,… with a stack's name or * and verbs out of read, preview, up, refresh, destroy, approve, cancel, outputs, secrets";
    assert.throws(() => parseGrant("dev"), { message: "'dev' is no grant", remedy });
    assert.throws(() => parseGrant("dev:red,up"), { message: "'dev:red,up': there is no verb 'red'", remedy });
  });
});
