import * as assert from "node:assert/strict";
import { NEXT_PATCH, onHost, VERSION, type Host } from "../host";
import { member, NEW_TOKEN } from "../member";
import { change, halfRotated, markOf, rotatedByFirst } from "../preparations";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];
const FILE = "/etc/rancher/k3s/token";
const SNAPSHOTS = "/var/lib/groundwork/snapshots";

const tokenOf = (host: Host): string | undefined => host.world.files.read(FILE)?.trim().split(":").at(-1);
const kept = (host: Host, name: RegExp): string[] => host.world.files.list(SNAPSHOTS).filter((file) => name.test(file));
/** The token that was there before is refused, and nothing of it has changed. */
async function refused(host: Host, why: RegExp): Promise<void> {
  const before = host.world.files.tree("/etc", "/var/lib/rancher");
  const { token } = host.world.cluster;
  const { code, err, out } = await host.run("token");
  assert.equal(code, 1, out);
  assert.match(err, why);
  assert.deepEqual(host.world.files.tree("/etc", "/var/lib/rancher"), before);
  assert.equal(host.world.cluster.token, token);
}

/** k3s runs with the new token, and would start again at any time. */
function isDone(host: Host, token = NEW_TOKEN): void {
  const { k3s, systemd, cluster } = host.world;
  assert.equal(cluster.token, token);
  assert.equal(tokenOf(host), token);
  assert.equal(k3s.letsIn, token);
  systemd.stop("k3s");
  systemd.start("k3s");
  host.world.clock.advance(30);
  assert.equal(systemd.unit("k3s").state, "active", systemd.journal.at(-1)?.text);
  for (const file of ["rotating", "new-tokens", "restart-pending"]) {
    assert.ok(!host.world.files.exists(`/var/lib/groundwork/${file}`), `${file} is left`);
  }
}

onHosts("another server token on a living cluster", () => {
  it("is rotated by the first server: a snapshot, k3s, the file, and a restart in its turn", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host, ["token", "converge", "ready"]);
      host.newToken = NEW_TOKEN;
      const life = host.world.systemd.lives;
      await host.must("token");
      assert.equal(host.world.cluster.token, NEW_TOKEN);
      assert.equal(tokenOf(host), NEW_TOKEN);
      assert.equal(host.world.systemd.lives, life, "k3s restarted before its turn");
      await host.must("drain");
      assert.ok(host.world.cluster.node("s1")!.metadata.annotations["groundwork/down"], "it took no turn");
      assert.match((await host.must("converge")).out, /restarted k3s/);
      await host.must("ready");
      isDone(host);
      assert.match((await host.must("token", "drain", "converge")).out, /^unchanged$/m);
    }));

  it("leaves the token before where it is needed: beside the snapshot, for root only", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      const old = host.world.cluster.token;
      host.newToken = NEW_TOKEN;
      await host.must("token");
      const [snapshot = "none"] = kept(host, /^rotation-[^.]*$/);
      for (const file of [`${snapshot}.token`, ...kept(host, /^replaced-.*\.token$/)]) {
        assert.match(host.world.files.read(`${SNAPSHOTS}/${file}`) ?? "", new RegExp(`${old}\n$`));
        assert.match(host.world.files.tree(`${SNAPSHOTS}/${file}`).values().next().value ?? "", /^file 600/);
      }
      assert.equal(kept(host, /^replaced-/).length, 1);
    }));

  it("stands in no argument of any command, and in nothing that is said", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      const secrets = [host.world.cluster.token, NEW_TOKEN, "another-agent-secret"];
      host.newToken = NEW_TOKEN;
      host.newAgentToken = "another-agent-secret";
      for (const verb of ["token", "drain", "converge"] as const) {
        const { code, calls, out, err } = await host.run(verb, { record: true });
        assert.equal(code, 0, err);
        for (const secret of secrets) assert.ok(![...calls, out, err].some((text) => text.includes(secret)), verb);
      }
    }));

  it("is taken over by the other servers without a rotation of their own", () =>
    onHost(THREE, "s2", async (host) => {
      await rotatedByFirst(host);
      await host.must("token", "converge");
      isDone(host);
      assert.equal(kept(host, /^replaced-/).length, 1);
    }));

  it("mends another server that had been restarted with the token before", () =>
    onHost(THREE, "s2", async (host) => {
      await rotatedByFirst(host);
      host.world.systemd.stop("k3s");
      host.world.systemd.start("k3s");
      host.world.clock.advance(30);
      assert.notEqual(host.world.systemd.unit("k3s").state, "active");
      await host.must("token", "converge");
      isDone(host);
    }));

  it("is refused on another server when the first one has not rotated it", () =>
    onHost(THREE, "s2", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      await refused(host, /^error: s2: k3s\.token differs .+ Run up without --target/m);
    }));

  it("is refused on another server when no other one can be asked", () =>
    onHost(THREE, "s2", async (host) => {
      await rotatedByFirst(host);
      for (const at of ["1", "3"]) host.down(`s${at}`, `192.0.2.${at}`);
      await refused(host, /^error: s2: no answer while writing the join token/m);
    }));

  it("is not begun while another server is away", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.down("s3", "192.0.2.3");
      await refused(host, /^error: s1: .*not Ready voters of etcd: s3; nothing was changed/m);
    }));

  it("is not begun without quorum", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.down("s2", "192.0.2.2");
      host.down("s3", "192.0.2.3");
      await refused(host, /^error: s1: k3s\.token changed, and k3s does not answer here; nothing was changed/m);
    }));

  it("is not begun while k3s does not run, and setting it back repairs that first", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.world.systemd.stop("k3s");
      await refused(host, /^error: s1: .*Set k3s\.token back to the one before/m);
      host.newToken = undefined;
      await host.must("token", "converge");
      host.newToken = NEW_TOKEN;
      await host.must("token", "converge");
      isDone(host);
    }));

  it("is not begun when the snapshot cannot be saved: a full directory", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.world.files.makeDirectory(SNAPSHOTS);
      host.sandbox.command(`mount -t tmpfs -o size=4k full ${SNAPSHOTS} && echo 1 >${SNAPSHOTS}/full`);
      await refused(host, /^error: s1: no snapshot of etcd could be saved in .+ k3s was not changed/m);
      host.sandbox.command(`umount ${SNAPSHOTS}`);
      await host.must("token", "converge");
      isDone(host);
    }));

  it("that k3s does not take leaves it with the one before, whatever happens next", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      const old = host.world.cluster.token;
      host.newToken = NEW_TOKEN;
      host.world.k3s.temper.sealFails = 1;
      // The first try fails, the way back succeeds, and so does the second try.
      await host.must("token", "converge");
      isDone(host);
      host.newToken = old;
      Object.assign(host.world.k3s.temper, { sealFails: 99 });
      const { code, err } = await host.run("token");
      assert.equal(code, 1);
      assert.match(err, /^error: s1: k3s does not take the new token: .*request timed out/m);
      assert.equal(tokenOf(host), NEW_TOKEN);
    }));

  for (const [what, restarts] of [
    ["and k3s still runs", false],
    ["and k3s was restarted meanwhile", true],
  ] as const) {
    for (const [how, next] of [
      ["goes on", NEW_TOKEN],
      ["goes back, when the setting is taken back", "server-secret"],
      ["goes to a third one, when the setting changed again", "third-secret"],
    ] as const) {
      it(`${how} after a rotation that stopped between k3s's files and etcd, ${what}`, () =>
        onHost(THREE, "s1", async (host) => {
          await halfRotated(host);
          if (restarts) restart(host);
          host.newToken = next;
          await host.must("token", "converge");
          isDone(host, next);
        }));

      it(`${how} after a rotation that stopped before the file was written, ${what}`, () =>
        onHost(THREE, "s1", async (host) => {
          await rotatedButTheFile(host);
          if (restarts) restart(host);
          host.newToken = next;
          await host.must("token", "converge");
          isDone(host, next);
        }));
    }
  }

  it("stays when something else keeps k3s from starting: the one before opens nothing any more", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      const bad = { version: VERSION, server: { "kubelet-arg": ["bad=1"] } };
      host.world.k3s.temper.refuses = (config) =>
        JSON.stringify(config).includes("bad=1") ? "flag provided but not defined: -bad" : undefined;
      change(host, { k3s: bad });
      await host.must("token");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /flag provided but not defined: -bad.*; what ran before runs again/);
      assert.equal(tokenOf(host), NEW_TOKEN);
      assert.equal(host.world.systemd.unit("k3s").state, "active");
      change(host, { k3s: { version: VERSION } });
      await host.must("token", "converge");
      isDone(host);
    }));

  it("goes together with another version", () =>
    onHost(THREE, "s2", async (host) => {
      await rotatedByFirst(host);
      change(host, { k3s: { version: NEXT_PATCH } });
      await host.must("token", "converge");
      isDone(host);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), NEXT_PATCH);
      assert.notDeepEqual(kept(host, /^before-/), []);
    }));

  it("goes there and back again", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      const old = host.world.cluster.token;
      for (const token of [NEW_TOKEN, old, NEW_TOKEN]) {
        host.newToken = token;
        await host.must("token", "converge");
        isDone(host, token);
        const { annotations } = host.world.cluster.objects.get("namespace//kube-system")!.metadata;
        assert.equal(annotations["groundwork/token"], markOf(token));
      }
    }));
});

onHosts("another agents' token on a living cluster", () => {
  it("is in etcd too once a server has it, so that this one starts again", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host, ["token", "converge", "ready"]);
      host.newAgentToken = "another-agent-secret";
      await host.must("token", "drain", "converge", "ready");
      isDone(host, host.world.cluster.token);
      assert.match(host.world.cluster.passwords.at(-1) ?? "", /^another-agent-secret,node/);
    }));

  it("is in etcd after a run that was cut off between the start of k3s and that", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.newAgentToken = "another-agent-secret";
      await host.must("token");
      host.world.k3s.temper.sealFails = 99;
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /^error: s1: k3s runs with the new agents' token, but/m);
      restart(host);
      host.world.k3s.temper.sealFails = 0;
      await host.must("token", "converge");
      isDone(host, host.world.cluster.token);
    }));

  it("is written on an agent, and does not restart it", () =>
    onHost(THREE, "a1", async (host) => {
      await member(host);
      const life = host.world.systemd.lives;
      host.newAgentToken = host.world.cluster.agentToken = "another-agent-secret";
      await host.must("token", "converge");
      assert.equal(tokenOf(host), "another-agent-secret");
      assert.equal(host.world.systemd.lives, life);
    }));
});

/** The machine came up again. */
function restart(host: Host): void {
  host.world.systemd.stop("k3s");
  host.world.systemd.start("k3s");
  host.world.clock.advance(30);
}

/** etcd has the new token, and the run ended before anything told the host. */
async function rotatedButTheFile(host: Host): Promise<void> {
  await member(host);
  host.newToken = NEW_TOKEN;
  host.world.apiFault = (call) => (call.verb === "annotate" ? "refused" : undefined);
  const { code } = await host.run("token");
  host.world.apiFault = () => undefined;
  assert.equal(code, 1);
  assert.equal(host.world.cluster.token, NEW_TOKEN);
}
