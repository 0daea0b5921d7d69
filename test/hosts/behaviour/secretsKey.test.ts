import * as assert from "node:assert/strict";
import { scriptOf } from "../../../components/k3s/script";
import { desiredCluster } from "../../../desired/cluster";
import { allNodes } from "../../../desired/nodes";
import { secretsKeyProgram } from "../../../operate/secretsKey/programs";
import { settingsOf } from "../../program";
import { HASH } from "../fake/keys";
import { setCondition } from "../fake/cluster";
import { onHost, type Host } from "../host";
import { member } from "../member";
import type { Ran } from "../sandbox/sandbox";
import { onHosts } from "./suite";

const ONE = ["server:s1"];
const THREE = ["server:s1", "server:s2", "server:s3"];
const MARK = "/var/lib/groundwork/secrets-key";
type KeyVerb = "look_at_key" | "rotate_key" | "take_up_key" | "finish_key";

/** Runs a verb on the sandbox's host; s1 is the server that rotates. */
function run(host: Host, verb: KeyVerb, facts: Record<string, string> = {}): Promise<Ran> {
  const settings = { ...settingsOf(host.stack), stack: host.otherStack };
  const { nodes } = desiredCluster(settings, "groundwork");
  const node = allNodes(nodes).find(({ name }) => name === host.node)!;
  const program = secretsKeyProgram(settings, node, "s1");
  return host.sandbox.run(scriptOf({ ...program, facts: { ...program.facts, ...facts } }), verb);
}
async function must(host: Host, verb: KeyVerb): Promise<string> {
  const { code, out, err } = await run(host, verb);
  assert.equal(code, 0, `${verb}: ${err}${out}`);
  return out;
}

/** k3s runs on the host, and on the other servers with the same keys. */
async function cluster(host: Host): Promise<void> {
  await member(host);
  restartOthers(host);
}
/** The other servers have what a start of k3s reads from etcd's data. */
function restartOthers(host: Host): void {
  for (const { metadata } of host.world.cluster.nodes()) {
    if (metadata.name !== host.node) metadata.annotations[HASH] = host.world.cluster.keys!.state;
  }
}
const lives = (host: Host): number => host.world.systemd.lives;
const notes = (host: Host): string[] => (host.world.files.read(MARK) ?? "").split("\n").filter((line) => line !== "");

onHosts("the key of the Secrets", () => {
  it("is made anew by the one server, after a snapshot, without a restart", () =>
    onHost(ONE, "s1", async (host) => {
      await cluster(host);
      const before = lives(host);
      const out = await must(host, "rotate_key");
      assert.match(out, /^saved \/var\/lib\/groundwork\/snapshots\/secrets-key-\d+-s1-\d+$/m);
      assert.match(out, /^the key is AES-CBC aescbckey-2 now, and was AES-CBC aescbckey$/m);
      assert.equal(lives(host), before);
      assert.match(await must(host, "finish_key"), /^all servers have the key AES-CBC aescbckey-2$/m);
      assert.deepEqual(notes(host), []);
      assert.match(await must(host, "look_at_key"), /^stage=reencrypt_finished\nmismatch=\n/m);
    }));

  it("is taken up by the others with one restart each, the rotating server's first", () =>
    onHost(THREE, "s1", async (host) => {
      await cluster(host);
      await must(host, "rotate_key");
      assert.match(
        (await run(host, "finish_key")).err,
        /not all servers have the new key .*hash does not match between s1 and s2/,
      );
      const before = lives(host);
      assert.match(await must(host, "take_up_key"), /^restarting k3s on s1$/m);
      assert.equal(lives(host), before + 1);
      assert.deepEqual(notes(host), ["AES-CBC aescbckey", "restarted"]);
      assert.match(await must(host, "take_up_key"), /^k3s on s1 has the new key$/m);
      assert.equal(lives(host), before + 1, "once is enough");
      restartOthers(host);
      await must(host, "finish_key");
    }));

  it("comes to another server when k3s starts there, and no second time", () =>
    onHost(THREE, "s2", async (host) => {
      await cluster(host);
      const names = ["aescbckey-2"];
      const state = `reencrypt_finished-${"a".repeat(64)}`;
      host.world.cluster.keys = { names, state };
      host.world.cluster.node("s1")!.metadata.annotations[HASH] = state;
      const before = lives(host);
      await must(host, "take_up_key");
      assert.equal(lives(host), before + 1);
      assert.equal(host.world.cluster.node("s2")!.metadata.annotations["groundwork/down"], undefined);
      assert.match(await must(host, "take_up_key"), /^k3s on s2 has the new key$/m);
      assert.equal(lives(host), before + 1);
    }));

  it("does not cost etcd its quorum", () =>
    onHost(THREE, "s1", async (host) => {
      await cluster(host);
      await must(host, "rotate_key");
      setCondition(host.world.cluster.node("s3")!, { type: "Ready", status: "Unknown" });
      const before = lives(host);
      assert.match((await run(host, "take_up_key")).err, /would cost etcd its quorum/);
      assert.equal(lives(host), before);
    }));

  it("stays as it is where servers disagree, one is down, or k3s refuses, with k3s's own reason", () =>
    onHost(THREE, "s1", async (host) => {
      await cluster(host);
      const s2 = host.world.cluster.node("s2")!;
      const right = s2.metadata.annotations[HASH]!;
      s2.metadata.annotations[HASH] = "start-other";
      assert.match(
        (await run(host, "rotate_key")).err,
        /do not have the same keys \(hash does not match between s1 and s2\); nothing was changed/,
      );
      s2.metadata.annotations[HASH] = right;
      setCondition(s2, { type: "Ready", status: "Unknown" });
      assert.match((await run(host, "rotate_key")).err, /not Ready voters of etcd: s2; nothing was changed/);
      setCondition(s2, { type: "Ready", status: "True" });
      for (const { metadata } of host.world.cluster.nodes()) metadata.annotations[HASH] = "start-other";
      assert.match(
        (await run(host, "rotate_key")).err,
        /k3s does not rotate the key: invalid hash: other found on node s1; /,
      );
      assert.deepEqual(notes(host), []);
      assert.deepEqual(host.world.cluster.keys!.names, ["aescbckey"]);
    }));

  it("goes on where k3s's command gave up, and where this program did", () =>
    onHost(ONE, "s1", async (host) => {
      await cluster(host);
      host.world.k3s.temper.reencryptSeconds = 75;
      assert.match(
        (await run(host, "rotate_key", { key_timeout: "3" })).err,
        /not written all Secrets anew after \d+ s \(stage reencrypt_active\)/,
      );
      const out = await must(host, "rotate_key");
      assert.match(out, /^a rotation of the key was cut off: going on with it\nk3s still writes the Secrets anew$/m);
      assert.match(out, /^the key is AES-CBC aescbckey-2 now, and was AES-CBC aescbckey$/m);
    }));

  it("is finished where k3s itself went down between the two keys", () =>
    onHost(ONE, "s1", async (host) => {
      await cluster(host);
      host.world.k3s.temper.reencryptSeconds = 75;
      assert.equal((await run(host, "rotate_key", { key_timeout: "1" })).code, 1);
      await host.world.systemd.systemctl(["restart", "k3s"]);
      host.world.clock.advance(20);
      host.world.k3s.temper.reencryptSeconds = 3;
      const out = await must(host, "rotate_key");
      assert.match(out, /^k3s went down while it wrote the Secrets anew: having it write them again$/m);
      assert.match(out, /^the key is AES-CBC aescbckey-2 now/m);
      await must(host, "finish_key");
      assert.deepEqual(host.world.cluster.keys!.names, ["aescbckey-2"]);
    }));
});
