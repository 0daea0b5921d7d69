import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { ed25519Key } from "../sshKey";
import { openStack, type StackEvent } from "../../automation/stacks";
import { node } from "../config/fixtures";
import { noEngine } from "./engine";

// What takes longer (up, destroy, locks, passphrases, two stacks at once) is in test/e2e/stacks.test.ts.
describe("a stack on Pulumi's engine", function () {
  this.timeout(60_000);

  before(async function () {
    const reason = await noEngine();
    if (reason === undefined) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  it("previews a new stack without a host, and without making it", async () => {
    const state = fs.mkdtempSync(path.join(os.tmpdir(), "engine-test-"));
    try {
      const settings = {
        nodes: [node("s1", { role: "server" })],
        ssh: { privateKey: ed25519Key().private },
      };
      const stack = openStack({
        name: "new",
        settings: settings as never,
        backendUrl: pathToFileURL(state).href,
        passphrase: "correct horse",
      });
      const events: StackEvent[] = [];
      const { changes, counts } = await stack.preview({ onEvent: (event) => events.push(event) });
      const ofNode = changes.filter(({ resource }) => resource.node === "s1").map(({ resource }) => resource.name);
      assert.deepEqual(ofNode.sort(), ["s1", "s1", "s1-drain", "s1-ready", "s1-token"]);
      assert.equal(counts.create, changes.length);
      assert.ok(changes.some(({ resource }) => resource.name === "kubeconfig"));
      assert.equal(events.at(-1)?.kind, "summary");
      assert.ok(!fs.existsSync(path.join(state, ".pulumi", "stacks")));
    } finally {
      fs.rmSync(state, { recursive: true, force: true });
    }
  });
});
