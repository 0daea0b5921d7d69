import * as assert from "node:assert/strict";
import { NEXT_MINOR, NEXT_PATCH, onHost, VERSION, type Host } from "../host";
import { change } from "../preparations";
import { member } from "../member";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];
const BAD = { k3s: { version: VERSION, agent: { "kubelet-arg": ["bad=1"] }, server: { "kubelet-arg": ["bad=1"] } } };

/** A setting that k3s does not start with. */
function refuseBad(host: Host): void {
  host.world.k3s.temper.refuses = (config) =>
    JSON.stringify(config).includes("bad=1") ? "flag provided but not defined: -bad" : undefined;
}

onHosts("the start of k3s", () => {
  for (const node of ["s1", "a1"]) {
    it(`of ${node} is not judged by the process before it (fault 12)`, () =>
      onHost(ONE, node, async (host) => {
        await member(host);
        refuseBad(host);
        change(host, BAD);
        const { code, out, err } = await host.run("converge");
        assert.equal(code, 1, out);
        assert.match(err, /^error: .+flag provided but not defined: -bad/m);
        host.world.clock.advance(60);
        assert.equal(
          host.world.systemd.unit(node === "s1" ? "k3s" : "k3s-agent").state,
          "active",
          "what ran before does not run",
        );
        assert.doesNotMatch(host.world.files.read("/etc/rancher/k3s/config.yaml") ?? "", /bad=1/);
      }));
  }

  it("of a server is not over when its API is up: its kubelet may die after that (fault 20)", () =>
    onHost(ONE, "s1", async (host) => {
      host.surround();
      await host.must("token");
      Object.assign(host.world.k3s.temper, {
        kubeletSeconds: 9,
        kubeletDies: { after: 6, line: 'level=fatal msg="kubelet exited: no cgroup"' },
      });
      const { code, out } = await host.run("converge");
      assert.equal(code, 1, out);
    }));

  it("of a server that dies again and again is given up at once, not after the time limit (fault 20)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      change(host, { k3s: { version: VERSION, tlsSans: ["new.example.org"] } });
      Object.assign(host.world.k3s.temper, {
        kubeletSeconds: 9,
        kubeletDies: { after: 6, line: "something went wrong" },
      });
      const begin = host.world.clock.ahead;
      const { code, out } = await host.run("converge");
      assert.equal(code, 1, out);
      assert.ok(host.world.clock.ahead - begin < 200, `took ${host.world.clock.ahead - begin} s`);
    }));

  it("that fails is not remembered as the good one (fault 20)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      const good = host.world.files.read("/etc/rancher/k3s/config.yaml");
      change(host, { k3s: { version: VERSION, tlsSans: ["new.example.org"] } });
      host.world.k3s.temper.kubeletSeconds = 9;
      host.world.k3s.temper.kubeletDies = { after: 6, line: 'level=fatal msg="Failed to start ContainerManager"' };
      await host.run("converge");
      delete host.world.k3s.temper.kubeletDies;
      host.world.k3s.temper.kubeletSeconds = 4;
      refuseBad(host);
      change(host, BAD);
      await host.run("converge");
      assert.equal(host.world.files.read("/etc/rancher/k3s/config.yaml"), good);
    }));

  for (const line of [
    "panic: runtime error: invalid memory address",
    'level=fatal msg="starting kubernetes: preparing server: no disk"',
    'level=error msg="Failed to parse kubelet flag"',
    'E1125 12:00:00.0 kubelet.go:1] "Failed to start ContainerManager" err="system validation failed"',
    'level=fatal msg="cluster-cidr: 10.42.0.0/16 and node-ip: fd00::1, must share the same IP version"',
    'level=fatal msg="flannel exited: failed to find the interface"',
  ]) {
    it(`that fails says why: ${line.slice(0, 60)} (fault 21)`, () =>
      onHost(ONE, "s1", async (host) => {
        host.surround();
        await host.must("token");
        Object.assign(host.world.k3s.temper, { kubeletSeconds: 99, kubeletDies: { after: 3, line } });
        const { code, err } = await host.run("converge");
        assert.equal(code, 1);
        const expected =
          /panic: runtime error|no disk|Failed to parse kubelet flag|Failed to start ContainerManager|must share the same IP version|flannel exited/;
        assert.match(
          err
            .split("\n")
            .filter((one) => one.startsWith("error: "))
            .join("\n"),
          expected,
        );
      }));
  }

  it("on data of a newer minor version is not tried with the old binary (fault 11)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      change(host, { k3s: { version: NEXT_MINOR } });
      Object.assign(host.world.k3s.temper, {
        kubeletSeconds: 9,
        kubeletDies: { after: 6, line: 'level=fatal msg="kubelet exited"' },
      });
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), NEXT_MINOR, "the old binary came back");
      const snapshots = host.world.files.list("/var/lib/groundwork/snapshots");
      assert.notDeepEqual(snapshots, [], "no snapshot was taken");
      assert.match(err, /\/var\/lib\/groundwork\/snapshots\//);
    }));

  it("within a minor version goes back to what ran (fault 11)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      change(host, { k3s: { version: NEXT_PATCH } });
      host.world.k3s.temper.refuses = (_config, version) => (version === NEXT_PATCH ? "it is broken" : undefined);
      const { code } = await host.run("converge");
      assert.equal(code, 1);
      host.world.clock.advance(60);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), VERSION);
      assert.equal(host.world.systemd.unit("k3s").state, "active");
    }));

  it("of a version that skips a minor one is refused (fault 11)", () =>
    onHost(ONE, "s1", async (host) => {
      host.stack = { ...host.stack, k3s: { version: "v1.34.9+k3s1" } };
      await member(host);
      change(host, { k3s: { version: NEXT_MINOR } });
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /1\.35/);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), "v1.34.9+k3s1");
    }));

  it("of another version is not tried when its snapshot cannot be saved: the directory is full (fault 11)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      const directory = "/var/lib/groundwork/snapshots";
      host.sandbox.command(
        `mkdir -p ${directory} && mount -t tmpfs -o size=4k full ${directory} && head -c 4096 /proc/1/mountinfo >${directory}/full`,
      );
      change(host, { k3s: { version: NEXT_PATCH } });
      const { code, out, err } = await host.run("converge");
      assert.equal(code, 1, out);
      assert.match(
        err,
        /^error: s1: no snapshot of etcd could be saved in .+; see the lines above .+ k3s was not changed/m,
      );
      assert.match(err, /ENOSPC/);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), VERSION);
      assert.deepEqual(host.world.files.list(directory), ["full"]);
      assert.equal(host.world.systemd.unit("k3s").state, "active");
      host.sandbox.command(`umount ${directory}`);
      await host.must("converge");
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), NEXT_PATCH);
    }));

  it("keeps the snapshot of an upgrade over an uninstall (fault 11)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      change(host, { k3s: { version: NEXT_MINOR } });
      await host.must("converge", "uninstall");
      assert.notDeepEqual(host.world.files.list("/var/lib/groundwork/snapshots"), []);
    }));
});
