import * as assert from "node:assert/strict";
import { NEXT_PATCH, onHost, type Host } from "../host";
import { change } from "../preparations";
import { spread } from "../cases";
import { member } from "../member";
import { onHosts } from "./suite";

const readOnly = (host: Host, path: string): void =>
  void host.sandbox.command(`mount --bind ${path} ${path} && mount -o remount,bind,ro ${path}`);

onHosts("what a host has on its disk", () => {
  it("is as it was after a converge on a full disk: fstab above all (fault 1)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host);
      host.world.files.write("/etc/fstab", "UUID=1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n");
      const before = host.world.files.tree("/etc");
      host.sandbox.fill();
      await host.run("converge");
      assert.deepEqual(host.world.files.tree("/etc"), before);
    }));

  it("keeps its fstab, swap or not: k3s runs with swap on", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const fstab = "UUID=1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n";
      host.world.files.write("/etc/fstab", fstab);
      await host.must("token", "converge");
      assert.equal(host.world.files.read("/etc/fstab"), fstab);
    }));

  it("is mended where somebody changed it, in its text, at its end, or in its mode only", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, ["token", "converge", "converge"]);
      const { files } = host.world;
      const before = files.tree("/etc");
      const unit = files.read("/etc/systemd/system/k3s.service")!;
      files.write("/etc/systemd/system/k3s.service", `${unit}\n`);
      files.write("/etc/rancher/k3s/config.yaml", "", 0o666);
      files.write("/etc/modules-load.d/groundwork.conf", files.read("/etc/modules-load.d/groundwork.conf")!, 0o666);
      const { out } = await host.must("converge");
      assert.deepEqual(files.tree("/etc"), before);
      assert.match(out, /restarted k3s/);
    }));

  for (const node of ["s1", "a1"]) {
    it(`costs little when nothing changes: the converge of ${node} starts no more than 52 programs`, () =>
      onHost(["server:s1", "agent:a1"], node, async (host) => {
        await member(host, ["token", "converge", "converge"]);
        const { out, count } = await host.must("converge");
        assert.match(out, /^unchanged$/m);
        assert.ok(count <= 52, `${count} programs`);
      }));
  }

  for (const [path, what] of [
    ["/etc", "a setting"],
    ["/usr/local/bin", "a version"],
    ["/var/lib/groundwork", "a setting"],
  ] as const) {
    it(`gets no ${what} that cannot be written, and no success is told: ${path} read-only (fault 1)`, () =>
      onHost(["server:s1"], "s1", async (host) => {
        await member(host);
        const before = host.world.files.read("/etc/rancher/k3s/config.yaml");
        change(host, { k3s: { version: NEXT_PATCH, tlsSans: ["new.example.org"] } });
        readOnly(host, path);
        const { code, out, err } = await host.run("converge");
        assert.equal(code, 1, out);
        assert.match(err, /^error: s1: .+/m);
        if (path === "/etc") assert.equal(host.world.files.read("/etc/rancher/k3s/config.yaml"), before);
        assert.equal(host.world.systemd.unit("k3s").state, "active");
      }));
  }

  it("gets no token that cannot be written whole (fault 1)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.sandbox.fill();
      const { code } = await host.run("token");
      assert.equal(code, 1);
      assert.notEqual(host.world.files.read("/etc/rancher/k3s/token"), "");
    }));

  it("still has its unit when a run was killed while it remembered the files, and the next change does not start (fault 9)", async () => {
    const points = await onHost(["agent:a1", "server:s1"], "a1", async (host) => {
      await member(host);
      host.world.systemd.jobSeconds = 0;
      change(host, { dns: { upstream: ["192.0.2.9"] }, k3s: { version: NEXT_PATCH } });
      const { calls } = await host.sandbox.run(host.script("converge"), "converge", { record: true });
      return calls.filter((call) => /^\d+ (cp|mv|ln|mkdir|rm) /.test(call)).map((call) => Number.parseInt(call, 10));
    });
    // The files are remembered last; of what is before that, some.
    for (const at of [...new Set([...spread(points, 2), ...points.slice(-6)])]) {
      await onHost(["agent:a1", "server:s1"], "a1", async (host) => {
        await member(host);
        host.world.systemd.jobSeconds = 0;
        change(host, { dns: { upstream: ["192.0.2.9"] }, k3s: { version: NEXT_PATCH } });
        await host.run("converge", { fault: { at, how: "kill" } });
        host.world.clock.advance(60);
        change(host, { k3s: { version: NEXT_PATCH, agent: { "kubelet-arg": ["bad=1"] } } });
        host.world.k3s.temper.refuses = (config) =>
          JSON.stringify(config).includes("bad=1") ? "flag provided but not defined: -bad" : undefined;
        const { code, err } = await host.run("converge");
        assert.equal(code, 1);
        assert.ok(
          host.world.files.exists("/etc/systemd/system/k3s-agent.service"),
          `killed at ${at}: the unit is gone: ${err}`,
        );
        assert.ok(
          host.world.files.exists("/etc/rancher/k3s/config.yaml"),
          `killed at ${at}: the settings are gone: ${err}`,
        );
      });
    }
  });
});
