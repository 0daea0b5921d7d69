import * as assert from "node:assert/strict";
import { onHost, type Host } from "../host";
import { addVirtualIp, change, VIRTUAL_IP } from "../preparations";
import { member } from "../member";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3", "agent:a1"];
const JOIN = "/etc/rancher/k3s/config.yaml.d/10-join.yaml";
const CONF = "/etc/groundwork/keepalived.conf";
const UNIT = "/etc/systemd/system/groundwork-vip.service";
const server = (host: Host): string | undefined =>
  /^server: https:\/\/(.*)$/m.exec(host.world.files.read(JOIN) ?? "")?.[1];
const rejoin = (host: Host, alive: boolean, ...addresses: readonly string[]): void => {
  for (const address of addresses) host.world.cluster.others.get(address)!.alive = alive;
};

onHosts("a node that joins", () => {
  it("goes to the next server when the first is dead, and stays with it", () =>
    onHost(THREE, "a1", async (host) => {
      host.surround();
      host.down("s1", "192.0.2.1");
      await host.must("token");
      assert.match((await host.must("converge")).out, /^joining through the server at 192\.0\.2\.2:6443: /m);
      assert.equal(server(host), "192.0.2.2:6443");
      assert.equal(host.world.systemd.unit("k3s-agent").state, "active");
      rejoin(host, true, "192.0.2.1");
      const { invocation } = host.world.systemd.unit("k3s-agent");
      assert.match((await host.must("converge")).out, /^unchanged$/m);
      assert.equal(server(host), "192.0.2.2:6443", "k3s forgets the other servers when it is told another one");
      assert.equal(host.world.systemd.unit("k3s-agent").invocation, invocation);
    }));

  it("takes one that lives when its own has left the settings, and does not restart for it", () =>
    onHost(THREE, "a1", async (host) => {
      host.surround();
      host.down("s1", "192.0.2.1");
      await host.must("token", "converge");
      const { invocation } = host.world.systemd.unit("k3s-agent");
      const list = host.stack["nodes"] as { name: string }[];
      change(host, { nodes: list.filter(({ name }) => name !== "s2") });
      await host.must("converge");
      assert.equal(server(host), "192.0.2.3:6443");
      assert.equal(host.world.systemd.unit("k3s-agent").invocation, invocation);
    }));

  it("is a server too: one that was rebuilt while the first is dead", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      for (const name of ["s1", "s3", "s2"]) host.world.cluster.etcd.add(name);
      host.down("s1", "192.0.2.1");
      await host.must("token", "converge");
      assert.equal(server(host), "192.0.2.3:6443");
      assert.equal(host.world.cluster.secondCluster, false);
    }));

  it("is told that none of its servers answers, before anything is changed", () =>
    onHost(THREE, "a1", async (host) => {
      host.surround();
      rejoin(host, false, "192.0.2.1", "192.0.2.2", "192.0.2.3");
      await host.must("token");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(
        err,
        /^error: a1: no server answers here, of those that it could join through \(192\.0\.2\.1:6443 192\.0\.2\.2:6443 192\.0\.2\.3:6443\); open TCP 6443 /m,
      );
      assert.equal(host.world.files.exists(JOIN), false);
    }));

  it("finds the servers at another port", () =>
    onHost(THREE, "s2", async (host) => {
      change(host, { cluster: { apiPort: 7443 } });
      host.world.cluster.port = 7443;
      host.surround();
      await host.must("token", "converge", "ready");
      assert.equal(server(host), "192.0.2.1:7443");
      host.world.systemd.stop("k3s");
      host.world.systemd.start("k3s");
      host.world.clock.advance(10);
      await host.must("leave");
      assert.equal(host.world.cluster.etcd.has("s2"), false, "it left through another server's API");
    }));
});

onHosts("an agent's operator", () => {
  const down = async (host: Host): Promise<void> => {
    await member(host, ["token", "converge", "ready"]);
    host.world.systemd.stop("k3s");
    host.node = "a1";
    host.addPod("web", "a1");
  };

  it("asks another server while its own k3s is down: drain, ready, leave", () =>
    onHost(THREE, "s1", async (host) => {
      await down(host);
      change(host, { k3s: { version: "v1.35.7+k3s1" } });
      const { out } = await host.must("drain");
      assert.match(out, /^the API on s1 does not answer: asking the server at 192\.0\.2\.2:6443$/m);
      assert.match(out, /^drained a1: 1 pods moved$/m);
      host.world.cluster.node("a1")!.status.nodeInfo.kubeletVersion = "v1.35.7+k3s1";
      await host.must("ready");
      assert.equal(host.world.cluster.node("a1")!.spec.unschedulable, undefined);
      await host.must("leave");
      assert.equal(host.world.cluster.node("a1"), undefined);
    }));

  it("says so when no server answers", () =>
    onHost(THREE, "s1", async (host) => {
      await down(host);
      rejoin(host, false, "192.0.2.2", "192.0.2.3");
      const { code, err } = await host.run("leave");
      assert.equal(code, 1);
      assert.match(err, /^error: a1: the API on s1 does not answer, so the node cannot leave; /m);
    }));
});

onHosts("a virtual IP", () => {
  it("comes with its package and its unit, and changes nothing when it is there", () =>
    onHost(THREE, "s1", async (host) => {
      host.surround();
      rejoin(host, false, "192.0.2.2", "192.0.2.3");
      host.world.cluster.others.clear();
      addVirtualIp(host);
      host.world.files.remove("/usr/local/sbin/keepalived");
      host.sandbox.bring("apt-get");
      await host.must("token", "converge");
      assert.deepEqual(host.world.packages.installed, ["keepalived"]);
      const { state, enabled, invocation } = host.world.systemd.unit("groundwork-vip");
      assert.deepEqual([state, enabled], ["active", true]);
      assert.match((await host.must("converge")).out, /^unchanged$/m);
      assert.equal(host.world.systemd.unit("groundwork-vip").invocation, invocation);
    }));

  it("is told of another server without being given up, also when the run before was cut off", () =>
    onHost(THREE, "s1", async (host) => {
      addVirtualIp(host);
      await member(host);
      const { invocation } = host.world.systemd.unit("groundwork-vip");
      const list = host.stack["nodes"] as { name: string }[];
      change(host, { nodes: list.filter(({ name }) => name !== "s3") });
      // What a run leaves that was cut off after its files were written.
      const text = host.world.files.read(CONF)!.replace(/^ +192\.0\.2\.3\n/m, "");
      host.world.files.write(CONF, text);
      await host.must("converge");
      assert.deepEqual(host.world.systemd.reloaded, ["groundwork-vip"]);
      assert.equal(host.world.systemd.unit("groundwork-vip").invocation, invocation);
      assert.equal(host.world.files.read(CONF), text);
    }));

  it("goes without a trace when the setting goes, and with an uninstall", async () => {
    const left = (host: Host): unknown[] => [
      host.world.files.exists(UNIT),
      host.world.files.exists("/etc/groundwork"),
      host.world.systemd.unit("groundwork-vip").state,
      host.world.systemd.unit("groundwork-vip").enabled,
    ];
    await onHost(THREE, "s1", async (host) => {
      addVirtualIp(host);
      await member(host);
      change(host, { cluster: {} });
      await host.must("converge");
      assert.deepEqual(left(host), [false, false, "inactive", false]);
    });
    await onHost(THREE, "s1", async (host) => {
      addVirtualIp(host);
      await member(host);
      await host.must("uninstall");
      assert.deepEqual(left(host), [false, false, "inactive", false]);
    });
  });

  it("is handed over before a server that leaves is out of etcd", () =>
    onHost(THREE, "s2", async (host) => {
      addVirtualIp(host);
      host.world.links.set("eth0", ["192.0.2.2/24"]);
      await member(host, ["token", "converge", "ready"]);
      let state = "nobody asked etcd";
      host.world.apiFault = ({ words }) => {
        if (words.some((word) => word.startsWith("etcd.k3s.cattle.io/remove="))) {
          state = host.world.systemd.unit("groundwork-vip").state;
        }
        return undefined;
      };
      await host.must("leave");
      assert.equal(state, "inactive");
    }));

  const refused = async (spoil: (host: Host) => void, expected: RegExp): Promise<void> =>
    await onHost(THREE, "s1", async (host) => {
      addVirtualIp(host);
      host.surround();
      spoil(host);
      await host.must("token");
      const { code, err } = await host.run("converge");
      assert.equal(code, 1, err);
      assert.match(err, expected);
      assert.equal(host.world.files.exists(CONF), false, "something was changed");
    });

  for (const [kind, type, flags] of [
    ["WireGuard", "65534", "0x10c1"],
    ["PPP", "512", "0x10d1"],
    ["an Ethernet without ARP", "1", "0x1083"],
  ] as const) {
    it(`is refused on ${kind}, with the other ways`, () =>
      refused((host) => {
        host.world.files.write("/sys/class/net/eth0/type", `${type}\n`);
        host.world.files.write("/sys/class/net/eth0/flags", `${flags}\n`);
      }, /^error: s1: the virtual IP cannot move on eth0: it is no Ethernet, .+; take cluster\.virtualIp out, and set cluster\.apiAddress to a DNS name/m));
  }

  it("is refused where the server's own address is elsewhere", () =>
    refused(
      (host) => host.world.links.set("eth0", ["198.51.100.9/24"]),
      /^error: s1: eth0 does not have this server's internalIp 192\.0\.2\.1, /m,
    ));

  it("is refused when it is reached through a router", () =>
    refused(
      (host) => host.world.routed.add(VIRTUAL_IP),
      /^error: s1: the virtual IP 192\.0\.2\.100 is not of the network of eth0: it is reached through a router /m,
    ));

  it("is refused when another machine has it", () =>
    refused((host) => {
      host.world.cluster.others.clear();
      host.world.taken.add(VIRTUAL_IP);
    }, /^error: s1: another machine has the virtual IP 192\.0\.2\.100; /m));
});
