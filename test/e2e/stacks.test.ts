import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { ed25519Key } from "../sshKey";
import { openStack, StackError, type ClusterStack, type StackEvent, type StackOptions } from "../../automation/stacks";
import { node } from "../config/fixtures";
import { noEngine } from "../automation/engine";

/** A key of nobody, and a line of it that would be seen if it got out. */
const KEY = ed25519Key().private;
const KEY_LINE = KEY.split("\n")[2] ?? "";

describe("a stack on Pulumi's engine", function () {
  this.timeout(60_000);
  let directory: string;
  let backendUrl: string;

  before(async function () {
    const reason = await noEngine();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-test-"));
    backendUrl = pathToFileURL(path.join(directory, "state")).href;
    fs.mkdirSync(path.join(directory, "state"));
  });
  after(() => {
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
  });

  // Nothing listens on port 1 of this machine: a host that cannot be reached.
  const server = node("s1", { role: "server", address: "127.0.0.1", ssh: { port: 1 } });
  const settings = { nodes: [server], ssh: { privateKey: KEY, dialAttempts: 1 }, ingress: { controller: "none" } };
  const open = (name: string, more: Partial<StackOptions> = {}): ClusterStack =>
    openStack({ name, settings: settings as never, backendUrl, passphrase: "correct horse", ...more });
  const failing = async (run: Promise<unknown>): Promise<StackError> => {
    const error: unknown = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof StackError, `no StackError: ${String(error)}`);
    return error;
  };
  const files = (under: string): string[] =>
    fs
      .readdirSync(path.join(directory, under), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".json"));

  it("previews two new stacks at once, without making them", async () => {
    const events: StackEvent[] = [];
    const two = {
      ...settings,
      nodes: [node("s1", { role: "server", address: "10.0.0.11" }), node("a1", { address: "10.0.0.12" })],
    };
    const [first, second] = await Promise.all([
      open("first").preview({ onEvent: (event) => events.push(event) }),
      open("second", { settings: two as never }).preview(),
    ]);
    const created = (node: string, changes: typeof first.changes): string[] =>
      changes.filter(({ resource }) => resource.node === node).map(({ resource }) => resource.name);
    assert.deepEqual(created("s1", first.changes).sort(), ["s1", "s1", "s1-drain", "s1-ready", "s1-token"]);
    assert.deepEqual(created("a1", first.changes), []);
    assert.equal(created("a1", second.changes).length, 5);
    assert.equal(events.at(-1)?.kind, "summary");
    assert.deepEqual(files("state"), []);
  });

  it("keeps secrets readable from run to run, and refuses another passphrase", async () => {
    const events: StackEvent[] = [];
    const failed = await failing(open("kept").up({ onEvent: (event) => events.push(event) }));
    assert.equal(failed.code, "failed");
    assert.deepEqual([...new Set(failed.failures.map(({ resource }) => resource.node))], ["s1"]);
    assert.match(failed.message, /s1-(token|drain): .*connection refused/);

    const state = fs.readFileSync(path.join(directory, "state/.pulumi/stacks/groundwork/kept.json"), "utf8");
    assert.match(state, /"ciphertext"/);
    const shown = JSON.stringify([events, failed.message, failed.failures]);
    for (const text of [state, shown]) assert.ok(!text.includes("correct horse") && !text.includes(KEY_LINE));

    assert.equal((await failing(open("kept", { passphrase: "battery staple" }).up())).code, "wrong-passphrase");
    assert.ok(((await open("kept").preview()).counts.same ?? 0) > 0);
  });

  it("waits for nobody: a stack that another operation has is locked, until the lock is taken away", async () => {
    const lock = path.join(directory, "state/.pulumi/locks/organization/groundwork/kept");
    fs.mkdirSync(lock, { recursive: true });
    const holder = { pid: 7, username: "ann", hostname: "desk", timestamp: "2026-11-22T07:01:01Z" };
    fs.writeFileSync(path.join(lock, "11111111-1111-4111-8111-111111111111.json"), JSON.stringify(holder));
    const locked = await failing(open("kept").destroy());
    assert.equal(locked.code, "locked");
    assert.match(locked.message, /created by ann@desk \(pid 7\)/);
    await open("kept").cancel();
    assert.deepEqual(fs.readdirSync(lock), []);
  });

  it("destroys without settings, and takes the stack away when asked", async () => {
    const done = await open("kept", { settings: undefined }).destroy({ remove: true });
    assert.ok((done.counts.delete ?? 0) > 0);
    assert.equal((await failing(open("kept").outputs())).code, "stack-not-found");
  });
});
