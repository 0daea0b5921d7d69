import * as assert from "node:assert/strict";
import { NAMES, TOOLS, type Tool } from "../fake/packages";
import { onHost, type Host } from "../host";
import { member } from "../member";
import { change } from "../preparations";
import { onHosts } from "./suite";

const LONGHORN = { storage: { longhorn: {} } };

/** A host of a distribution, whose stack wants Longhorn. */
function onDistribution(tool: Tool, use: (host: Host) => Promise<void>): Promise<void> {
  const prepare = async (host: Host): Promise<void> => {
    host.sandbox.bring(tool);
    host.surround();
    await host.must("token");
    await use(host);
  };
  return onHost(["server:s1"], "s1", prepare, LONGHORN);
}

onHosts("the packages that storage needs", () => {
  for (const tool of TOOLS) {
    it(`are installed by ${tool} under the distribution's names, and iscsid is enabled`, () =>
      onDistribution(tool, async (host) => {
        const { out } = await host.must("converge");
        assert.deepEqual(host.world.packages.installed, [NAMES[tool].iscsi, NAMES[tool].nfs]);
        const { enabled, state } = host.world.systemd.unit("iscsid.socket");
        assert.deepEqual({ enabled, state }, { enabled: true, state: "active" });
        assert.match(out, /changed: packages, iscsid/);
        assert.match((await host.must("converge")).out, /^unchanged$/m);
      }));
  }

  it("are left as they are where the package enables iscsid's socket itself", () =>
    onDistribution("apt-get", async (host) => {
      host.world.packages.enables = true;
      const { out } = await host.must("converge");
      assert.doesNotMatch(out, /iscsid/);
    }));

  it("are enabled as a service where the distribution has no socket, and again when somebody switched it off", () =>
    onDistribution("dnf", async (host) => {
      await host.must("converge");
      const { packaged } = host.world.systemd;
      packaged.delete("iscsid.socket");
      const { out } = await host.must("converge");
      assert.match(out, /^enabled iscsid$/m);
      const service = host.world.systemd.unit("iscsid");
      assert.deepEqual([service.enabled, service.state], [true, "active"]);
      service.enabled = false;
      await host.must("converge");
      assert.equal(service.enabled, true);
    }));

  it("are asked for and not touched with prepareHosts: false", () =>
    onDistribution("dnf", async (host) => {
      await host.must("converge");
      change(host, { k3s: { ...(host.stack["k3s"] as object), prepareHosts: false } });
      host.world.systemd.unit("iscsid.socket").enabled = false;
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: s1: iscsid is not enabled and running.+systemctl enable --now iscsid.+prepareHosts: true/m,
      );
      assert.equal(host.world.systemd.unit("iscsid.socket").enabled, false);
    }));

  it("are told together with all else that a host lacks that somebody else prepares, and nothing is written", () =>
    onDistribution("dnf", async (host) => {
      change(host, { k3s: { ...(host.stack["k3s"] as object), prepareHosts: false } });
      const forward = "/proc/sys/net/ipv4/ip_forward";
      host.sandbox.command(`echo 0 >${forward}`);
      try {
        const { code, err } = await host.run("converge");
        assert.equal(code, 1);
        for (const line of [
          "these packages are missing: iscsi-initiator-utils nfs-utils; install them, or set k3s.prepareHosts: true",
          "iscsid is not enabled and running, and Longhorn needs it; run 'systemctl enable --now iscsid' there, or set k3s.prepareHosts: true",
          "the kernel parameter net.ipv4.ip_forward is 0, and k3s needs 1; set it, for the next boot too (/etc/sysctl.d), or set k3s.prepareHosts: true",
        ]) {
          assert.ok(err.split("\n").includes(`error: s1: ${line}`), err);
        }
        assert.match(err, /^error: s1: 3 of the host's preconditions are not met; nothing was changed$/m);
      } finally {
        host.sandbox.command(`echo 1 >${forward}`);
      }
    }));

  it("leave a prepared host without files of ours for its kernel, those of before too", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const files = ["/etc/sysctl.d/90-groundwork.conf", "/etc/modules-load.d/groundwork.conf"];
      const there = (): boolean[] => files.map((file) => host.world.files.exists(file));
      await member(host);
      assert.deepEqual(there(), [true, true]);
      change(host, { k3s: { ...(host.stack["k3s"] as object), prepareHosts: false } });
      await host.must("converge");
      assert.deepEqual(there(), [false, false]);
      assert.match((await host.must("converge")).out, /^unchanged$/m);
    }));

  for (const lock of [
    "/var/lib/apt/lists/lock",
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/cache/apt/archives/lock",
  ]) {
    it(`wait for another run of apt that holds ${lock} for 12 s`, () =>
      onDistribution("apt-get", async (host) => {
        host.world.packages.hold(lock, 12);
        const { out } = await host.must("converge");
        assert.match(out, /^waiting for another run of apt/m);
        assert.deepEqual(host.world.packages.installed, ["open-iscsi", "nfs-common"]);
      }));
  }

  it("are given up when apt stays in use, and that is said", () =>
    onDistribution("apt-get", async (host) => {
      host.world.packages.hold("/var/lib/dpkg/lock-frontend", 4000);
      const { code, out, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(out, /waiting for another run of apt \(\d+ of 300 s\)/);
      assert.match(err, /apt is still in use by another program/);
      assert.match(err, /^error: s1: could not install open-iscsi nfs-common/m);
    }));

  it("are installed though one source of apt cannot be read, which is told", () =>
    onDistribution("apt-get", async (host) => {
      host.world.packages.deadSource = "https://download.example.org/linux/debian";
      const { err } = await host.must("converge");
      assert.match(err, /^warning: s1: not every source of apt could be read/m);
      assert.match(err, /https:\/\/download\.example\.org\/linux\/debian/);
      assert.deepEqual(host.world.packages.installed, ["open-iscsi", "nfs-common"]);
    }));

  it("name the source that cannot be read when they cannot be installed", () =>
    onDistribution("apt-get", async (host) => {
      host.world.packages.deadSource = "https://download.example.org/linux/debian";
      host.world.packages.unknown.add("nfs-common");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /^error: s1: could not install .+ \(https:\/\/download\.example\.org\/linux\/debian\);/m);
      assert.match(err, /Unable to locate package nfs-common/);
      assert.equal(host.world.files.exists("/etc/rancher/k3s/config.yaml"), false);
    }));

  it("are as good as missing beside a multipathd that takes Longhorn's volumes: the lines to add are told", () =>
    onDistribution("apt-get", async (host) => {
      const { systemd, files } = host.world;
      systemd.packaged.add("multipathd");
      systemd.unit("multipathd").state = "active";
      const warning = /^warning: s1: multipathd runs here .+blacklist \{ devnode "\^sd\[a-z0-9\]\+" \}/m;
      assert.match((await host.must("converge")).err, warning);
      files.write("/etc/multipath.conf", 'blacklist_exceptions {\n}\n# devnode "^sd"\n');
      assert.match((await host.must("converge")).err, warning);
      files.write("/etc/multipath.conf", 'blacklist {\n    devnode "^sd[a-z0-9]+"\n}\n');
      assert.doesNotMatch((await host.must("converge")).err, /multipathd/);
      change(host, { storage: {} });
      files.remove("/etc/multipath.conf");
      assert.doesNotMatch((await host.must("converge")).err, /multipathd/);
    }));
});

onHosts("a host's swap", () => {
  const swap = (host: Host): { readonly state: string; readonly masked: boolean } => {
    const { state, masked } = host.world.systemd.unit("dev-sda2.swap");
    return { state, masked };
  };
  const ON = { state: "active", masked: false };
  const OFF = { state: "inactive", masked: true };
  const setting = (host: Host, swapOff: boolean): void =>
    change(host, { k3s: { ...(host.stack["k3s"] as object), swapOff } });

  it("is left alone, masked when that is asked, and given back when it is not asked any more", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, ["token", "converge", "converge"]);
      host.world.systemd.unit("dev-sda2.swap").state = "active";
      await host.must("converge");
      assert.deepEqual(swap(host), ON);
      setting(host, true);
      assert.match((await host.must("converge")).out, /^switched off dev-sda2.swap$/m);
      assert.deepEqual(swap(host), OFF);
      assert.match((await host.must("converge")).out, /^unchanged$/m);
      setting(host, false);
      assert.match((await host.must("converge")).out, /^switched on dev-sda2.swap$/m);
      host.world.clock.advance(5);
      assert.deepEqual(swap(host), ON);
      assert.match((await host.must("converge")).out, /^unchanged$/m);
    }));

  it("is given back by an uninstall, all of it", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, ["token", "converge", "converge"]);
      for (const name of ["dev-sda2.swap", "swapfile.swap"]) host.world.systemd.unit(name).state = "active";
      setting(host, true);
      await host.must("converge", "uninstall");
      assert.deepEqual(
        ["dev-sda2.swap", "swapfile.swap"].map((name) => host.world.systemd.unit(name).masked),
        [false, false],
      );
    }));

  it("that somebody else masked stays masked", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, ["token", "converge", "converge"]);
      host.world.systemd.unit("dev-sda2.swap").masked = true;
      setting(host, true);
      await host.must("converge");
      setting(host, false);
      await host.must("converge", "uninstall");
      assert.deepEqual(swap(host), OFF);
    }));
});
