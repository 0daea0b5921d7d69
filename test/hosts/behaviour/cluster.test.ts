import * as assert from "node:assert/strict";
import { onHost, VERSION, type Host } from "../host";
import { change } from "../preparations";
import { spread } from "../cases";
import { member } from "../member";
import { onHosts } from "./suite";

const THREE = ["server:s1", "server:s2", "server:s3"];

const ipv6 = (host: Host): void => {
  const list = host.stack["nodes"] as Record<string, unknown>[];
  change(host, {
    nodes: list.map((node, at) => ({ ...node, address: `2001:db8::${at + 1}`, internalIp: `fd00::${at + 1}` })),
    network: { verifyOverlay: false, podCidr: "fd42::/56", serviceCidr: "fd43::/112" },
  });
  host.world.cluster.others.clear();
  const own = list.findIndex(({ name }) => name === host.node) + 1;
  host.world.links.set("eth0", [`2001:db8::${own}/64`, `fd00::${own}/64`]);
};

onHosts("the cluster of a host", () => {
  it("is joined by a rebuilt first server, over IPv6 too (fault 7)", () =>
    onHost(THREE, "s1", async (host) => {
      ipv6(host);
      host.surround();
      for (const at of [2, 3]) host.world.cluster.others.set(`fd00::${at}`, { name: `s${at}`, alive: true });
      await host.must("token", "converge");
      assert.equal(host.world.cluster.secondCluster, false, "a second cluster was started");
    }));

  it("is made and joined with addresses of both families, of which etcd and the others take the first", () =>
    onHost(THREE, "s2", async (host) => {
      const list = host.stack["nodes"] as Record<string, unknown>[];
      change(host, {
        nodes: list.map((node, at) => ({ ...node, internalIp: [`192.0.2.${at + 1}`, `fd00::${at + 1}`] })),
        network: {
          verifyOverlay: false,
          podCidr: ["10.42.0.0/16", "fd42::/56"],
          serviceCidr: ["10.43.0.0/16", "fd43::/112"],
        },
      });
      host.world.links.set("eth0", ["192.0.2.2/24"]);
      host.surround();
      await host.must("token");
      const missing = await host.runAll("drain", "converge");
      assert.match(missing.err, /^error: s2: no interface has internalIp fd00::2; .*here are: 192\.0\.2\.2 on eth0/m);
      host.world.links.set("eth0", ["192.0.2.2/24", "fd00::2/64"]);
      await host.must("drain", "converge", "ready");
      assert.equal(host.world.cluster.secondCluster, false);
      assert.match(
        host.world.files.read("/etc/sysctl.d/90-groundwork.conf") ?? "",
        /net\.ipv6\.conf\.all\.forwarding = 1/,
      );
      // An unchanged run compares the primary address with the one that etcd has.
      await host.must("token", "drain", "converge", "ready");
    }));

  it("is joined by a rebuilt first server when the others are away for some seconds (fault 7)", () =>
    onHost(THREE, "s1", async (host) => {
      host.surround();
      const others = [...host.world.cluster.others.values()];
      for (const other of others) other.alive = false;
      host.world.clock.after(25, () => others.forEach((other) => (other.alive = true)));
      const { code, err } = await host.runAll("token", "converge");
      assert.equal(host.world.cluster.secondCluster, false, "a second cluster was started");
      assert.equal(code, 0, err);
    }));

  const startsAgain = (host: Host, when: string): void => {
    host.world.systemd.stop("k3s");
    host.world.systemd.start("k3s");
    host.world.clock.advance(10);
    const why = `${when}: ${host.world.systemd.journal.at(-1)?.text ?? ""}`;
    assert.equal(host.world.systemd.unit("k3s").state, "active", why);
  };

  it("starts again after its token was changed in the settings: the change is made as a whole, or refused (fault 8)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      await member(host, ["token", "converge", "ready"]);
      host.newToken = "a-new-secret";
      const { code, err } = await host.runAll("token", "drain", "converge", "ready");
      assert.equal(code === 0, host.world.cluster.token === "a-new-secret", err);
      if (code !== 0) assert.match(err, /^error: s1: .+; .+/m);
      startsAgain(host, "after it");
    }));

  it("starts again after a change of its token was cut off anywhere (fault 8)", async () => {
    const changed = async (host: Host): Promise<void> => {
      await member(host, ["token", "converge", "ready"]);
      host.newToken = "a-new-secret";
    };
    const count = await onHost(["server:s1"], "s1", async (host) => {
      await changed(host);
      return (await host.run("token")).count;
    });
    for (const at of spread(
      Array.from({ length: count }, (_, index) => index + 1),
      20,
    )) {
      await onHost(["server:s1"], "s1", async (host) => {
        await changed(host);
        await host.run("token", { fault: { at, how: "kill" } });
        host.world.clock.advance(30);
        const { code, err } = await host.runAll("token", "converge", "ready");
        assert.equal(code === 0, host.world.cluster.token === "a-new-secret", `killed at ${at}: ${err}`);
        startsAgain(host, `killed at ${at}`);
      });
    }
  });

  it("is waited for no longer than the settings say, however slow its API is (fault 24)", () =>
    onHost(["server:s1", "agent:a1"], "s1", async (host) => {
      change(host, { rollout: { readyTimeoutSeconds: 90 } });
      await member(host);
      host.world.apiFault = () => "timeout";
      const begin = host.world.clock.ahead;
      const { code } = await host.run("ready");
      assert.equal(code, 1);
      const took = host.world.clock.ahead - begin;
      assert.ok(took <= 90 + 45, `took ${took} s`);
    }));

  it("has one run on a host at a time (fault 10)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      await host.must("token");
      let release: (() => void) | undefined;
      let reached: (() => void) | undefined;
      const atDownload = new Promise<void>((done) => (reached = done));
      host.world.fetch = async () => {
        host.world.fetch = () => undefined;
        reached?.();
        await new Promise<void>((done) => (release = done));
        return undefined;
      };
      const first = host.run("converge");
      await atDownload;
      const second = await host.run("converge");
      assert.equal(second.code, 1, `a second run worked beside the first: ${second.out}`);
      assert.match(second.err, /^error: s1: .+/m);
      release?.();
      assert.equal((await first).code, 0);
    }));

  it("does not take the IPv6 default route of its hosts when it has IPv4 only (fault 14)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      await host.must("token", "converge");
      assert.doesNotMatch(
        host.world.files.read("/etc/sysctl.d/90-groundwork.conf") ?? "",
        /^-?net\.ipv6\.conf\.(all|default)\.forwarding *= *1/m,
      );
    }));

  it("does not go where an https site sends it by http (fault 16)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.surround();
      await host.must("token");
      host.world.fetch = (url) =>
        url.startsWith("https://github.com/")
          ? { body: "", redirect: url.replace("https:", "http:") }
          : url.startsWith("http:")
            ? { body: "evil\n" }
            : undefined;
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /cannot download/);
    }));
});

onHosts("the watcher of a VPN interface", () => {
  const watch = async (host: Host, version: string): Promise<number> => {
    host.stack = { ...host.stack, k3s: { version }, network: { interface: "wg0", verifyOverlay: false } };
    host.world.links.set("wg0", ["10.9.0.1/24"]);
    host.surround();
    await host.must("token", "converge");
    const text = host.world.files.read("/usr/local/lib/groundwork/watch-interface")!;
    const before = host.world.systemd.unit("k3s").invocation;
    const begin = host.world.clock.ahead;
    host.world.sleepUntil = begin + 300;
    // It was there, and went with the interface below it.
    const device = "/sys/class/net/flannel.1";
    if (!host.world.files.exists("/sys/class/net/flannel-v6.1")) host.world.files.makeDirectory(device);
    let restarted = Infinity;
    host.onSleep = () => {
      if (host.world.clock.ahead - begin >= 10) host.world.files.remove(device);
      if (host.world.systemd.unit("k3s").invocation !== before) {
        restarted = Math.min(restarted, host.world.clock.ahead - begin - 10);
      }
    };
    const unit = host.world.files.read("/etc/systemd/system/groundwork-interface.service") ?? "";
    const words = /^ExecStart=\S+ (.*)$/m.exec(unit)![1]!;
    await host.sandbox.run(`PATH=/usr/local/bin:/usr/bin\nset -- ${words}\n${text}`, "", {});
    host.onSleep();
    return restarted;
  };

  it("does not restart k3s where flannel has its IPv6 device (fault 13)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      host.world.files.makeDirectory("/sys/class/net/flannel-v6.1");
      assert.equal(await watch(host, VERSION), Infinity);
    }));

  it("gives a k3s that mends it by itself more than its own 30 s (fault 13)", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const after = await watch(host, VERSION);
      assert.ok(after > 35 && after < 300, `restarted after ${after} s`);
    }));

  it("restarts a k3s that does not mend it", () =>
    onHost(["server:s1"], "s1", async (host) => {
      const after = await watch(host, "v1.34.3+k3s1");
      assert.ok(after < 120, `restarted after ${after} s`);
    }));
});
