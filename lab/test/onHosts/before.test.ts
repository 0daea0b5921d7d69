import * as assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../operate/finding";
import { groundworkCommand, ROOT, type Captured } from "../../../test/cli/capture";
import { openStack } from "../../../operate/openStack";
import { preflight } from "../../../operate/preflight/preflight";
import { Host } from "../../../operate/host";
import { allNodes } from "../../../desired/nodes";
import { ensurePassphrase } from "../../stack/passphrase";
import { siteAddress } from "../../naming";
import { docker } from "./labOnDocker";
import { parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { oneLab, withoutAddons } from "./oneLab";

describe("before the first day", function () {
  const lab = oneLab(this, "before-suite", async (made) => {
    await made.up({ servers: 1, agents: 2 });
    withoutAddons(made);
  });

  /** What preflight says of the lab's stack; without the disk, whose speed is the machine's. */
  async function wrong(change?: (stack: string) => string): Promise<string[]> {
    const { stackFile } = lab().paths;
    const text = readFileSync(stackFile, "utf8");
    const file = {
      project: "groundwork",
      stack: "before",
      directory: ROOT,
      fileName: "Pulumi.before.yaml",
      text: change?.(text) ?? text,
    };
    const stack = await openStack(file, { PULUMI_CONFIG_PASSPHRASE: ensurePassphrase(lab().paths) });
    const hosts = allNodes(stack.desired.nodes).map((node) => new Host(node));
    try {
      const findings: readonly Finding[] = await preflight({ ...stack, hosts });
      return findings
        .filter(({ level, check }) => level !== "ok" && check !== "etcd-disk")
        .map(({ level, check, where, message }) => `${level} ${check} ${where ?? "all"}: ${message}`);
    } finally {
      for (const host of hosts) host.close();
    }
  }

  const container = (name: string): string => `groundwork-lab-${lab().name}-${name}`;

  it("init makes a file of the machines, which plans, and refuses to write it again", async () => {
    const { paths, state } = lab();
    const project = paths.directory;
    copyFileSync(join(ROOT, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
    const machines = state().hosts.filter(({ role }) => role === "server" || role === "agent");
    const words = machines.flatMap(({ role, sshPort }) => [`--${role}`, `ops@${state().loopback}:${String(sshPort)}`]);
    const init = (...more: string[]): Promise<Captured> =>
      groundworkCommand(["init", "-C", project, "--stack", "home", ...words, "--identity", paths.operatorKey, ...more]);
    const refused = await init("--known-hosts", join(project, "nobody"));
    assert.equal(refused.code, 1);
    assert.equal(
      [...refused.err.matchAll(/shows the host key SHA256:\S+, which known_hosts does not have/g)].length,
      3,
    );
    assert.equal(existsSync(join(project, "Pulumi.home.yaml")), false);

    const made = await init("--known-hosts", paths.knownHosts, "--interface", "vpn0");
    assert.equal(made.code, 0, made.err);
    const plan = await groundworkCommand(["plan", "-C", project, "--stack", "home"]);
    assert.equal(plan.code, 0, plan.err);
    assert.match(plan.out, /server-1[\s\S]+agent-1[\s\S]+agent-2/);
    const again = await init("--known-hosts", paths.knownHosts);
    assert.equal(again.code, 2);
    assert.match(again.err, /Pulumi\.home\.yaml exists already/);
    for (const file of ["Pulumi.home.yaml", "Pulumi.yaml"]) rmSync(join(project, file));
  });

  it("preflight finds nothing wrong with hosts that are fit, and leaves nothing on them", async () => {
    const left = (): Promise<string> =>
      lab().on("server-1", "find /tmp /var/lib /etc /root / -maxdepth 1 | sort; pgrep -c perl || true");
    const before = await left();
    assert.deepEqual(await wrong(), []);
    assert.equal(await left(), before);
  });

  it("preflight names a port that is taken, and a UDP port that is dropped between two hosts", async () => {
    await lab().on("agent-2", "systemd-run -q --unit=taken busybox httpd -f -p 10250");
    await lab().on("agent-1", "iptables -A INPUT -i vpn0 -s 10.77.0.32 -p udp --dport 8472 -j DROP");
    try {
      assert.deepEqual(await wrong(), [
        "error ports agent-2: port 10250 is taken by another program",
        "error node-udp agent-2 → agent-1: UDP 8472 does not come through to 10.77.0.31 over vpn0",
      ]);
    } finally {
      await lab().on("agent-2", "systemctl stop taken");
      await lab().on("agent-1", "iptables -D INPUT -i vpn0 -s 10.77.0.32 -p udp --dport 8472 -j DROP");
    }
  });

  it("preflight asks the site's NFS server whether it exports the directory, and whether to the host that asks", async () => {
    const site = siteAddress(lab().state().prefix);
    const withNfs = (path: string) => (stack: string) => {
      const file = parseDocument(stack);
      file.setIn(["config", "groundwork:storage"], file.createNode({ localPath: {}, nfs: { server: site, path } }));
      return file.toString();
    };
    assert.deepEqual(await wrong(withNfs("/srv/nfs")), []);
    // Only who has an NFS client can see what is exported.
    await lab().on("agent-1", "apt-get install -qq --no-install-recommends nfs-common >/dev/null");
    try {
      assert.deepEqual(await wrong(withNfs("/srv/nfs")), []);
      assert.deepEqual(await wrong(withNfs("/srv/nfs/below")), []);
      assert.deepEqual(await wrong(withNfs("/srv/elsewhere")), [
        `error nfs agent-1: the NFS server ${site} does not export /srv/elsewhere`,
      ]);
      // This server hides from a host what is not for it. The kernel's own lists all, with whom it is for.
      assert.deepEqual(await wrong(withNfs("/srv/others")), [
        `error nfs agent-1: the NFS server ${site} does not export /srv/others`,
      ]);
      const lists = (...clients: string[]): string =>
        `printf '#!/bin/sh\\necho "/srv/nfs ${clients.join()}"\\n' >/usr/local/bin/showmount && chmod +x /usr/local/bin/showmount`;
      await lab().on("agent-1", lists("192.0.2.0/24", "198.51.100.7"));
      assert.match(
        (await wrong(withNfs("/srv/nfs"))).join(),
        /^error nfs agent-1: the NFS server \S+ exports \/srv\/nfs to 192\.0\.2\.0\/24,198\.51\.100\.7, and this host comes from [\d.]+$/,
      );
      await lab().on("agent-1", lists("192.0.2.0/24", `${site}/255.255.255.0`));
      assert.deepEqual(await wrong(withNfs("/srv/nfs")), []);
      await lab().on("agent-1", lists("192.0.2.0/24", "*.example.org"));
      assert.deepEqual(await wrong(withNfs("/srv/nfs")), []);
    } finally {
      await lab().on("agent-1", "rm -f /usr/local/bin/showmount; apt-get purge -qq nfs-common >/dev/null");
    }
  });

  it("preflight tries the way of a WireGuard mesh before there is one", async () => {
    const meshed = (stack: string): string => {
      const file = parseDocument(stack);
      file.setIn(["config", "groundwork:network"], file.createNode({ wireguard: { cidr: "10.44.0.0/24" } }));
      const { items } = file.getIn(["config", "groundwork:nodes"]) as YAMLSeq<YAMLMap>;
      for (const [at, node] of items.entries()) {
        node.set("wireguard", file.createNode({ endpoint: node.get("internalIp") }));
        node.set("internalIp", `10.44.0.${at + 1}`);
      }
      return file.toString();
    };
    const slower = (name: string): string => `warning mesh ${name}: the kernel has no WireGuard`;
    const fit = ["server-1", "agent-1", "agent-2"].map(slower);
    assert.deepEqual(await wrong(meshed), fit);
    await lab().on("agent-1", "iptables -A INPUT -s 10.77.0.32 -p udp --dport 51820 -j DROP");
    try {
      assert.deepEqual(await wrong(meshed), [
        ...fit,
        "error node-udp agent-2 → agent-1: UDP 51820 does not come through to 10.77.0.31",
      ]);
    } finally {
      await lab().on("agent-1", "iptables -D INPUT -s 10.77.0.32 -p udp --dport 51820 -j DROP");
    }
  });

  it("preflight names an interface that is missing, and a clock two hours off", async () => {
    // Containers share their machine's clock, so what tells the time is put in its place.
    await lab().on(
      "agent-1",
      `printf '#!/bin/sh\\nexec /usr/bin/date -d "+2 hours" "$@"\\n' >/usr/local/bin/date; chmod 755 /usr/local/bin/date`,
    );
    await lab().on("agent-2", "ip link set vpn0 down");
    try {
      const found = await wrong();
      assert.ok(found.includes("error interface agent-2: the interface vpn0 has no address"), found.join("\n"));
      assert.ok(
        found.some((line) => line.startsWith("error clock agent-1: its clock is 2 h ahead of")),
        found.join("\n"),
      );
    } finally {
      await lab().on("agent-1", "rm /usr/local/bin/date");
      await lab().on("agent-2", "systemctl restart vpn0");
    }
  });

  it("preflight names a host that is off and one that shows another key, and looks at the rest", async () => {
    docker("stop", "--time=1", container("agent-2"));
    try {
      const key = lab()
        .state()
        .hosts.find(({ name }) => name === "agent-1")!.hostKey;
      const other = lab()
        .state()
        .hosts.find(({ name }) => name === "agent-2")!.hostKey;
      const found = await wrong((text) => text.replace(key, other));
      assert.equal(found.length, 2, found.join("\n"));
      assert.match(
        found[0] ?? "",
        /^error ssh agent-1: 127\.\S+ shows ssh-ed25519 \S+, which is not the hostKey of its settings$/,
      );
      assert.match(found[1] ?? "", /^error ssh agent-2: it is not reached at 127\.\S+ port \d+: /);
    } finally {
      docker("start", container("agent-2"));
    }
  });
});
