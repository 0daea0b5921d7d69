import * as assert from "node:assert/strict";
import { scriptOf } from "../../../components/k3s/script";
import { desiredCluster } from "../../../desired/cluster";
import { allNodes } from "../../../desired/nodes";
import { findingsIn } from "../../../operate/preflight/inspection";
import { inspectProgram } from "../../../operate/preflight/programs";
import type { Finding } from "../../../operate/finding";
import { settingsOf } from "../../program";
import { NEXT_MINOR, onHost, type Host } from "../host";
import { member } from "../member";
import { change } from "../preparations";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];

/** What `groundwork preflight` asks this host, and what it finds wrong; without the disk's speed, which is the machine's. */
async function inspect(
  host: Host,
): Promise<{ readonly wrong: string[]; readonly findings: Finding[]; readonly out: string }> {
  const settings = { ...settingsOf(host.stack), stack: "test" };
  const node = allNodes(desiredCluster(settings, "groundwork").nodes).find(({ name }) => name === host.node)!;
  const { code, out, err } = await host.sandbox.run(scriptOf(inspectProgram(node, settings)), "inspect");
  assert.deepEqual([code, err], [0, ""]);
  const findings = findingsIn(out, host.node);
  const wrong = findings
    .filter(({ level, check }) => level !== "ok" && check !== "etcd-disk")
    .map(({ level, check, message, remedy }) => `${level} ${check}: ${message}; ${remedy}`);
  return { wrong, findings, out };
}

const MIRROR = { k3s: { mirror: "https://mirror.example.org/k3s", version: "v1.35.6+k3s1" } };
const NOT_ASKED = "warning dns: the resolvers were not asked: neither perl nor python3 is on the host; ";

/** A host whose mirror answers. */
function withMirror(host: Host): void {
  host.world.fetch = (url) => (url.startsWith("https://mirror.example.org/") ? { body: "" } : undefined);
}

onHosts("what preflight asks of a host", () => {
  it("finds nothing wrong with a bare one, tells what cannot be looked at, and changes nothing", () =>
    onHost(
      ONE,
      "s1",
      async (host) => {
        withMirror(host);
        const before = host.world.files.tree("/etc", "/var", "/usr/local", "/tmp", "/root");
        const { wrong, findings } = await inspect(host);
        assert.deepEqual(wrong, [NOT_ASKED]);
        assert.deepEqual(
          findings.filter(({ level, check }) => level === "ok" && check !== "etcd-disk").map(({ check }) => check),
          ["owner", "disk-space", "cgroups", "memory", "modules", "ports", "mirror"],
        );
        assert.ok(
          findings.some(({ check }) => check === "etcd-disk"),
          "the disk of etcd was not measured",
        );
        assert.deepEqual(host.world.files.tree("/etc", "/var", "/usr/local", "/tmp", "/root"), before);
      },
      MIRROR,
    ));

  it("finds nothing more on a member, whose k3s is not asked for again", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      const { wrong, findings } = await inspect(host);
      assert.deepEqual(wrong, [NOT_ASKED]);
      assert.equal(findings.find(({ check }) => check === "mirror")?.message, "k3s v1.35.6+k3s1 is installed");
    }));

  it("names everything at once: interface, address, disk, mirror, packages", () =>
    onHost(
      ONE,
      "a1",
      async (host) => {
        host.world.freeMib = 900;
        const list = host.stack["nodes"] as Record<string, unknown>[];
        change(host, {
          nodes: list.map((node) => ({ ...node, internalIp: `10.9.0.${String(list.indexOf(node) + 1)}` })),
        });
        const { wrong } = await inspect(host);
        assert.deepEqual(wrong, [
          "error interface: the interface wg0 has no address; bring it up, or correct network.interface or the node's interface (here are: eth0)",
          "error address: no interface has internalIp 10.9.0.2; correct the node's internalIp, or give the address to an interface (here are: 192.0.2.1 on eth0)",
          "error disk-space: only 900 MiB are free on /var/lib, and k3s needs at least 2048; make room there",
          "error packages: open-iscsi is not installed; install it, or set k3s.prepareHosts: true",
          "error packages: nfs-utils is not installed; install it, or set k3s.prepareHosts: true",
          NOT_ASKED,
          "error mirror: k3s v1.35.6+k3s1 cannot be had from https://mirror.example.org/k3s/v1.35.6%2Bk3s1/k3s: curl: (7) Failed to connect to mirror.example.org port 6443 after 0 ms: Connection refused; open the way there, or set k3s.mirror to a mirror of your own",
        ]);
      },
      { network: { interface: "wg0" }, storage: { longhorn: {} }, k3s: { ...MIRROR.k3s, prepareHosts: false } },
    ));

  it("tells an address on another interface than the chosen one", () =>
    onHost(
      ONE,
      "a1",
      async (host) => {
        withMirror(host);
        host.world.links.set("wg0", ["10.9.0.2/24"]);
        const list = host.stack["nodes"] as Record<string, unknown>[];
        change(host, { nodes: list.map((node, at) => ({ ...node, internalIp: `192.0.2.${String(2 - at)}` })) });
        assert.deepEqual((await inspect(host)).wrong, [
          "warning address: internalIp 192.0.2.1 is on eth0, and the nodes' traffic goes over wg0; write the address of wg0 as internalIp, or correct the interface",
          NOT_ASKED,
        ]);
      },
      { network: { interface: "wg0" }, ...MIRROR },
    ));

  it("names the owner of a host that is another stack's, and a k3s of somebody else", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.world.files.write("/var/lib/groundwork/owner", "project=other\nstack=prod\nnode=fra1\n");
      const [owner] = (await inspect(host)).wrong;
      assert.equal(
        owner,
        "error owner: this host belongs to node fra1 of stack prod (project other); nothing was touched. Remove it there first. If the stack was only renamed, correct /var/lib/groundwork/owner on the host",
      );
      host.world.files.remove("/var/lib/groundwork/owner");
      host.world.files.write("/etc/systemd/system/k3s.service", "[Service]\nExecStart=/usr/local/bin/k3s server\n");
      assert.match(
        (await inspect(host)).wrong[0] ?? "",
        /^error owner: it has a k3s that Groundwork did not install \(\/etc\/systemd\/system\/k3s.service\); to keep it with its cluster, set adopt: true/,
      );
    }));

  it("names a version that may not be gone to", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      withMirror(host);
      change(host, { k3s: { ...MIRROR.k3s, version: NEXT_MINOR.replace("1.36", "1.37") } });
      assert.match(
        (await inspect(host)).wrong[0] ?? "",
        /^error version: v1\.37\.\d+\+k3s1 skips a minor release: v1\.35\.6\+k3s1 runs here, and servers go up by one at a time; set k3s.version to a 1\.36 release first$/,
      );
    }));

  it("says of a read-only disk that it cannot be written, without writing to it", () =>
    onHost(
      ONE,
      "a1",
      async (host) => {
        withMirror(host);
        host.sandbox.command("/.stub/real/mount -o remount,ro disk /");
        try {
          const { wrong } = await inspect(host);
          assert.deepEqual(
            wrong.map((line) => line.split(" (")[0]),
            [
              ...["/etc", "/usr/local/bin", "/var/lib", "/tmp"].map(
                (place) => `error writable: ${place} cannot be written`,
              ),
              NOT_ASKED,
            ],
          );
        } finally {
          host.sandbox.mend();
        }
      },
      MIRROR,
    ));
});

onHosts("what converge asks before it changes a host", () => {
  it("is told all at once, in a sentence each, and nothing is changed", () =>
    onHost(ONE, "a1", async (host) => {
      host.surround();
      await host.must("token");
      host.world.freeMib = 900;
      const list = host.stack["nodes"] as Record<string, unknown>[];
      change(host, { nodes: list.map((node, at) => (at === 0 ? node : { ...node, internalIp: "10.9.0.2" })) });
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.deepEqual(err.split("\n").slice(0, -1), [
        "error: a1: no interface has internalIp 10.9.0.2; correct the node's internalIp, or give the address to an interface (here are: 192.0.2.1 on eth0)",
        "error: a1: only 900 MiB are free on /var/lib, and k3s needs at least 2048; make room there",
        "error: a1: 2 of the host's preconditions are not met; nothing was changed",
      ]);
      assert.equal(host.world.files.exists("/etc/rancher/k3s/config.yaml"), false);
    }));

  it("is a warning where the stack lowers it, and the host goes on", () =>
    onHost(
      ONE,
      "a1",
      async (host) => {
        host.surround();
        await host.must("token");
        host.world.freeMib = 900;
        const { err } = await host.must("converge");
        assert.equal(
          err,
          "warning: a1: only 900 MiB are free on /var/lib, and k3s needs at least 2048; make room there; lowered to a warning by preflight.lower.disk-space\n",
        );
        assert.deepEqual(host.lostFiles(), []);
      },
      { preflight: { lower: { "disk-space": "a volume of its own is below /var/lib/rancher" } } },
    ));

  it("has a joining node ping the first server over the chosen interface", () =>
    onHost(
      ["server:s1", "agent:a1"],
      "a1",
      async (host) => {
        host.world.links.set("wg0", ["10.9.0.2/24"]);
        const list = host.stack["nodes"] as Record<string, unknown>[];
        change(host, { nodes: list.map((node, at) => ({ ...node, internalIp: `10.9.0.${String(at + 1)}` })) });
        host.surround();
        host.world.cluster.others.set("10.9.0.1", { name: "s1", alive: true });
        host.world.silent.add("10.9.0.1");
        await host.must("token");
        const { err } = await host.must("converge");
        assert.match(
          err,
          /^warning: a1: 10\.9\.0\.1, the first server, does not answer ping over wg0; see that wg0 leads to it/m,
        );
        host.world.silent.clear();
        assert.doesNotMatch((await host.must("converge")).err, /ping/);
      },
      { network: { interface: "wg0", verifyOverlay: false } },
    ));
});
