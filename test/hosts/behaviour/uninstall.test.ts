import * as assert from "node:assert/strict";
import { onHost, type Host } from "../host";
import { member } from "../member";
import { onHosts } from "./suite";

const ONE = ["server:s1"];
const K3S = "/var/lib/rancher/k3s";

async function uninstalled(host: Host): Promise<void> {
  const { code, err } = await host.run("uninstall");
  assert.equal(code, 0, err);
  assert.equal(host.world.files.exists("/usr/local/bin/k3s"), false);
  assert.equal(host.world.files.exists(`${K3S}/server/db`), false);
}

onHosts("uninstall", () => {
  it("keeps what lies on mounts below directories that are links to another disk (fault 4)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command(
        "mkdir -p /mnt/disk/rancher /mnt/nas && echo precious >/mnt/nas/file && mv /var/lib/rancher/k3s /mnt/disk/rancher/k3s &&",
        "mv /var/lib/rancher/rke2 /mnt/disk/rancher/ && rmdir /var/lib/rancher && ln -s /mnt/disk/rancher /var/lib/rancher &&",
        `mkdir -p ${K3S}/storage/nfs && mount --bind /mnt/nas /mnt/disk/rancher/k3s/storage/nfs`,
      );
      const { code, err } = await host.run("uninstall");
      assert.equal(code, 0, err);
      assert.equal(host.world.files.read("/mnt/nas/file"), "precious\n");
      assert.equal(host.world.files.read("/mnt/disk/rancher/rke2/server/db"), "rke2's\n");
    }));

  it("keeps what lies on a mount below /var/lib/kubelet when /var/lib is a link (fault 4)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command(
        "mkdir -p /mnt/nas /mnt/disk && echo precious >/mnt/nas/file && mv /var/lib /mnt/disk/lib && ln -s /mnt/disk/lib /var/lib &&",
        "mkdir -p /mnt/disk/lib/kubelet/pods/p/volumes/nfs && mount --bind /mnt/nas /mnt/disk/lib/kubelet/pods/p/volumes/nfs",
      );
      const { code, err } = await host.run("uninstall");
      assert.equal(code, 0, err);
      assert.equal(host.world.files.read("/mnt/nas/file"), "precious\n");
      assert.deepEqual(host.world.files.list("/mnt/disk/lib/kubelet"), []);
      assert.deepEqual(host.world.files.list("/mnt/disk/lib/rancher/k3s"), []);
    }));

  it("leaves a mount beside k3s's directory alone whose name only begins the same (fault 4)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command(
        "mkdir -p /var/lib/rancher/k3s-backup && mount -t tmpfs backup /var/lib/rancher/k3s-backup && echo b >/var/lib/rancher/k3s-backup/b",
      );
      await uninstalled(host);
      assert.equal(host.world.files.read("/var/lib/rancher/k3s-backup/b"), "b\n");
    }));

  it("leaves the directory of another distribution alone (fault 4)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      await uninstalled(host);
      assert.deepEqual(host.lostFiles(), []);
      assert.equal(host.world.files.exists("/etc/rancher/k3s"), false);
    }));

  it("ends where the kubelet has bound its directory onto itself (fault 18)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command("mkdir -p /var/lib/kubelet/pods/p && mount --bind /var/lib/kubelet /var/lib/kubelet");
      await uninstalled(host);
      assert.equal(host.world.files.exists("/var/lib/kubelet"), false);
    }));

  it("empties a disk of the user's on /var/lib/kubelet, and leaves it mounted (fault 18)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command(
        "mkdir -p /var/lib/kubelet && mount -t tmpfs userdisk /var/lib/kubelet && mkdir -p /var/lib/kubelet/pods/p && echo x >/var/lib/kubelet/pods/p/x",
      );
      await uninstalled(host);
      assert.deepEqual(host.world.files.list("/var/lib/kubelet"), []);
      assert.match(host.sandbox.command("cat /proc/mounts"), /userdisk \/var\/lib\/kubelet /);
    }));

  it("unmounts what pods had mounted, and takes their directories away", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.sandbox.command(
        "mkdir -p /var/lib/kubelet/pods/p/volumes/secret /run/k3s/x && mount -t tmpfs secret /var/lib/kubelet/pods/p/volumes/secret && mount -t tmpfs sandbox /run/k3s/x",
      );
      await uninstalled(host);
      assert.equal(host.world.files.exists("/var/lib/kubelet"), false);
      assert.doesNotMatch(host.sandbox.command("cat /proc/mounts"), /kubelet|\/run\/k3s/);
    }));

  it("takes k3s's firewall rules away where iptables is only in k3s's own directory (fault 23)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      for (const name of ["iptables-save", "iptables-restore", "ip6tables-save", "ip6tables-restore"]) {
        host.sandbox.hide(name);
        host.world.files.link(`${K3S}/data/abc/bin/aux/${name}`, "/.stub/ask");
      }
      host.world.files.link(`${K3S}/data/current`, "abc");
      host.world.rules =
        "*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n";
      await uninstalled(host);
      assert.equal(host.world.rules.trim(), "*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT");
    }));

  it("takes the pods' logs and kubectl's cache away (fault 23)", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      const left = ["/var/log/pods/default_web_1/web/0.log", "/var/log/containers/web.log", "/root/.kube/cache/http/1"];
      for (const path of left) host.world.files.write(path, "x\n");
      await uninstalled(host);
      assert.deepEqual(
        left.filter((path) => host.world.files.exists(path)),
        [],
      );
    }));

  it("leaves root's own kubeconfig alone", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.world.files.write("/root/.kube/config", "a person's\n");
      await uninstalled(host);
      assert.equal(host.world.files.read("/root/.kube/config"), "a person's\n");
    }));

  for (const without of [[], ["pgrep"], ["pgrep", "ps"]]) {
    const title =
      without.length === 0
        ? "ends the containers"
        : `ends the containers without ${without.join(" and ")}, or says that it cannot (fault 16)`;
    it(title, () =>
      onHost(ONE, "s1", async (host) => {
        await member(host);
        await host.sandbox.startProcess(`${K3S}/data/abc/bin/containerd-shim-runc-v2`);
        host.sandbox.hide(...without);
        const { code } = await host.run("uninstall");
        const running = host.sandbox.command("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").includes("containerd-shim");
        assert.ok(code !== 0 || !running, "said it worked, and a container still runs");
      }),
    );
  }
});
