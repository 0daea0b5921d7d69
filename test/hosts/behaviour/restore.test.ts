import * as assert from "node:assert/strict";
import { snapshotBytes } from "../fake/snapshot";
import { NEXT_PATCH, onHost, type Host } from "../host";
import { member, NEW_TOKEN } from "../member";
import { heldWithSnapshot, resetElsewhere, resetToOldToken, saved } from "../restoreScenarios";
import { change } from "../preparations";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];
const DB = "/var/lib/rancher/k3s/server/db";
const SNAPSHOTS = "/var/lib/groundwork/snapshots";
const STATE = "/var/lib/groundwork/restore/state";
const ID = "20260101000000-abcd";

const phaseOf = (host: Host): string | undefined => /^phase=(.*)$/m.exec(host.world.files.read(STATE) ?? "")?.[1];

async function refused(host: Host, verb: Parameters<Host["run"]>[0], why: RegExp): Promise<void> {
  const { code, err, out } = await host.run(verb);
  assert.equal(code, 1, out);
  assert.match(err, why);
}

onHosts("a snapshot on a server", () => {
  it("is saved with the token that opens it, and tells its size and its k3s", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      const { out } = await host.must("save_now");
      const path = /^path=(.+)$/m.exec(out)![1]!;
      assert.match(path, /^\/var\/lib\/groundwork\/snapshots\/mine-s1-\d+$/);
      assert.match(out, /^version=v1\.35\.6\+k3s1$/m);
      assert.match(out, /^bytes=\d+$/m);
      assert.match(host.world.files.tree(`${path}.token`).get(`${path}.token`) ?? "", /^file 600/);
      assert.ok(!out.includes(host.world.cluster.token));
    }));

  it("is looked at before anything is stopped: sum, token, Nodes", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      await saved(host);
      const { snapshot } = host.restore;
      const { out } = await host.must("check_snapshot");
      assert.match(out, new RegExp(`^token=${snapshot}\\.token$`, "m"));
      assert.match(out, /^nodes=a1 s1 s2 s3 $/m);

      const whole = host.world.files.bytes(snapshot)!;
      const damaged = Buffer.from(whole);
      damaged[100] = 1 + damaged[100]!;
      host.world.files.write(snapshot, damaged, 0o600);
      await refused(host, "check_snapshot", /is damaged: its sum is not the one that etcd wrote at its end/);
      host.world.files.write(snapshot, whole.subarray(0, -32), 0o600);
      await refused(host, "check_snapshot", /is no whole snapshot of etcd: it does not end with a sum/);
      host.world.files.remove(snapshot);
      await refused(host, "check_snapshot", /there is no snapshot/);
    }));

  it("of before a rotation is opened by the token that was replaced, and by none that is unknown", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      await saved(host);
      const { snapshot } = host.restore;
      host.world.clock.advance(5);
      host.newToken = NEW_TOKEN;
      await host.must("token", "converge");
      host.world.files.remove(`${snapshot}.token`);
      const token = /^token=(.*)$/m.exec((await host.must("check_snapshot")).out)![1]!;
      assert.match(token, /\/snapshots\/(replaced|rotation)-/);
      for (const file of host.world.files.list("/var/lib/groundwork/snapshots")) {
        if (file.endsWith(".token")) host.world.files.remove(`/var/lib/groundwork/snapshots/${file}`);
      }
      await refused(host, "check_snapshot", /is sealed with a server token that is not known here/);
    }));

  it("is not saved by a k3s that does not run", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.world.systemd.stop("k3s");
      await refused(host, "save_now", /k3s does not run here, so it saves no snapshot/);
    }));

  it("that a failed upgrade copied while k3s was down can be restored, too: it has etcd's sum", () =>
    onHost(THREE, "s1", async (host) => {
      await member(host);
      host.world.systemd.stop("k3s");
      const data = snapshotBytes(host.world.cluster).subarray(0, -32);
      host.world.files.remove(`${DB}/etcd/member`);
      host.world.files.write(`${DB}/etcd/member/snap/db`, data, 0o600);
      change(host, { k3s: { version: NEXT_PATCH } });
      await host.run("converge");
      const names = host.world.files.list(SNAPSHOTS).filter((name) => /^before-.*\d$/.test(name));
      host.restore = { from: "snapshot", chosen: "s1", snapshot: `${SNAPSHOTS}/${names[0] ?? "none"}` };
      assert.match((await host.must("check_snapshot")).out, /^version=v1\.35\.6\+k3s1$/m);
    }));
});

onHosts("a restore, part by part", () => {
  it("stops k3s and keeps it down, over a reboot as well, and no other verb works there", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      const { systemd } = host.world;
      assert.equal(systemd.unit("k3s").state, "inactive");
      systemd.start("k3s");
      host.world.clock.advance(30);
      assert.equal(systemd.unit("k3s").state, "inactive", "it started again");
      const before = host.world.files.tree("/etc", "/var/lib/rancher");
      for (const verb of ["token", "drain", "converge", "ready", "leave", "uninstall"] as const) {
        const { code, err, out } = await host.run(verb);
        assert.equal(code, 1, `${verb} worked: ${out}`);
        assert.match(err, /s2: a restore was begun on this host and is not finished .*--undo'/);
      }
      assert.deepEqual(host.world.files.tree("/etc", "/var/lib/rancher"), before);
    }));

  it("resets etcd beside a file that says `server:`, and leaves the host's files as they are", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      const before = host.world.files.tree("/etc/rancher");
      const { code, err, out, calls } = await host.run("reset_etcd", { record: true });
      assert.equal(code, 0, err);
      assert.match(out, /etcd on s2 is reset/);
      assert.deepEqual(host.world.files.tree("/etc/rancher"), before);
      assert.equal(host.world.files.read(`${DB}/etcd-before-${ID}/member`), "member s2\n");
      assert.ok(!host.world.files.exists("/run/groundwork/restore"), "the copies of the settings are left");
      assert.ok(![...calls, out, err].some((text) => text.includes(host.world.cluster.token)), "the token was shown");
      assert.equal(phaseOf(host), "reset");
    }));

  it("starts on what was restored, and nothing of it is left for the next up", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      await host.must("reset_etcd", "start_restored");
      assert.equal(phaseOf(host), "started");
      assert.equal(host.world.systemd.unit("k3s").state, "active");
      await host.must("finish_restore");
      host.surround();
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("has the stack's token in the end, whichever one the snapshot was sealed with", () =>
    onHost(THREE, "s1", async (host) => {
      const old = "server-secret";
      await resetToOldToken(host);
      assert.equal(host.world.cluster.token, old);
      const { out } = await host.must("start_restored");
      assert.match(out, /sealed with the server token of before/);
      assert.equal(host.world.cluster.token, NEW_TOKEN);
      assert.equal(host.world.files.read("/etc/rancher/k3s/token")?.trim(), NEW_TOKEN);
      await host.must("finish_restore");
      for (const file of ["rotating", "new-tokens", "restart-pending", "restore/wanted"]) {
        assert.ok(!host.world.files.exists(`/var/lib/groundwork/${file}`), `${file} is left`);
      }
      host.surround();
      assert.match((await host.must("token", "drain", "converge")).out, /^unchanged$/m);
    }));

  it("moves the data of the others aside before they join, so that they make no cluster of their own", () =>
    onHost(THREE, "s3", async (host) => {
      await resetElsewhere(host);
      await host.must("rejoin");
      assert.equal(host.world.files.read(`${DB}/etcd-before-${ID}/member`), "member s3\n");
      assert.equal(host.world.cluster.secondCluster, false);
      assert.deepEqual([...host.world.cluster.etcd].sort(), ["s1", "s3"]);
      assert.ok(!host.world.files.exists("/etc/rancher/k3s/config.yaml.d/91-restoring.yaml"));
    }));

  it("lets the first server join the restored one, though its file says to begin a cluster", () =>
    onHost(THREE, "s1", async (host) => {
      await resetElsewhere(host, "s2");
      await host.must("rejoin");
      assert.equal(host.world.cluster.secondCluster, false);
      assert.deepEqual([...host.world.cluster.etcd].sort(), ["s1", "s2"]);
      await host.must("finish_restore", "token", "converge");
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("goes back to what was there before, as long as nothing has started on what was restored", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      const { cluster } = host.world;
      const { resets, passwords, token } = cluster;
      await host.must("reset_etcd");
      Object.assign(cluster, { resets, passwords, token });
      for (const name of ["s1", "s3"]) cluster.etcd.add(name);
      await host.must("undo_restore");
      host.world.clock.advance(30);
      assert.equal(host.world.files.read(`${DB}/etcd/member`), "member s2\n");
      assert.equal(host.world.systemd.unit("k3s").state, "active");
      assert.equal(cluster.secondCluster, false);
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("has no way back once the restored server has started", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      await host.must("reset_etcd", "start_restored");
      await refused(host, "undo_restore", /has started with what was restored \(started\), so there is no way back/);
      assert.equal(host.world.systemd.unit("k3s").state, "active");
    }));

  it("says what k3s said when it does not reset, and can be taken back", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      host.world.files.remove(host.restore.snapshot);
      await refused(host, "reset_etcd", /there is no|cannot be read|does not exist|did not reset etcd/);
      await host.must("undo_restore");
      host.world.clock.advance(30);
      assert.equal(host.world.systemd.unit("k3s").state, "active");
    }));

  it("is refused where another one was begun", () =>
    onHost(THREE, "s2", async (host) => {
      await heldWithSnapshot(host);
      const text = host.world.files.read(STATE)!;
      host.world.files.write(STATE, text.replace(ID, "20251231000000-ffff"), 0o600);
      await refused(host, "reset_etcd", /another restore was begun on this host \(20251231000000-ffff\)/);
    }));
});
