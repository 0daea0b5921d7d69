import * as assert from "node:assert/strict";
import { CLOSED_SQLITE } from "../fake/k3s";
import { NEXT_MINOR, NEXT_PATCH, onHost, VERSION, type Host } from "../host";
import { adopting, officialK3s, type Official } from "../officialK3s";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];
const THREE = ["server:s1", "server:s2", "server:s3"];
const DATA = "/var/lib/rancher/k3s";

/** Where what was there is kept. */
function keptIn(host: Host): string {
  const found = host.world.files.list("/var/lib/groundwork").filter((name) => name.startsWith("adopted-"));
  assert.equal(found.length, 1, `kept in ${found.join(", ") || "nothing"}`);
  return `/var/lib/groundwork/${found[0]!}`;
}

onHosts("a k3s that somebody else installed", () => {
  it("is taken over with its cluster: SQLite becomes etcd, and the second run changes nothing", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host, { args: ["--node-name", "s1", "--disable", "metrics-server", "--kubelet-arg=max-pods=50"] });
      host.world.files.write("/etc/rancher/k3s/registries.yaml", "mirrors: {}\n");
      adopting(host);
      const { out, err } = await host.must("token", "converge");
      const { files, cluster, systemd } = host.world;
      assert.deepEqual([cluster.secondCluster, cluster.isLone, [...cluster.etcd]], [false, false, ["s1"]]);
      assert.match(files.read("/etc/systemd/system/k3s.service") ?? "", /by Groundwork/);
      assert.equal(systemd.unit("k3s").state, "active");
      const kept = keptIn(host);
      assert.equal(files.read(`${kept}/data/state.db`), CLOSED_SQLITE, "SQLite's file as it was when k3s had stopped");
      assert.match(files.read(`${kept}/files/etc/systemd/system/k3s.service`) ?? "", /'--disable'/);
      assert.match(files.read(`${kept}/files${DATA}/server/token`) ?? "", /server-secret/);
      assert.ok(files.exists(`${kept}/files/usr/local/bin/k3s`));
      assert.ok(files.exists(`${kept}/k3s-uninstall.sh`) && files.exists(`${kept}/k3s-killall.sh`));
      assert.ok(!files.exists("/usr/local/bin/k3s-uninstall.sh"), "a script that would destroy the node stays");
      assert.match(err, /settings of the k3s that was here are not in the stack, and end: kubelet-arg /);
      assert.match(err, /k3s installs them: metrics-server/);
      assert.match(out, /registries\.yaml stays as it is/);
      assert.doesNotMatch(files.read("/var/lib/groundwork/owner") ?? "", /adopting/);
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("goes on as an ordinary node: it is drained, ready, and uninstalled, and what was kept stays", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      await host.must("token", "drain", "converge", "ready", "leave", "uninstall");
      assert.ok(host.world.files.exists(`${keptIn(host)}/data/state.db`));
      assert.ok(!host.world.files.exists(DATA) && !host.world.files.exists("/etc/systemd/system/k3s.service"));
    }));

  it("loses nothing when k3s dies while SQLite's data go to etcd: what is half there is never taken for the whole", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      host.world.k3s.temper.migrationDies = 1;
      const { err } = await host.runAll("token", "converge");
      const { files, cluster } = host.world;
      assert.match(err, /the k3s that was here runs again/);
      assert.deepEqual([cluster.secondCluster, files.read(`${DATA}/server/db/state.db`)], [false, CLOSED_SQLITE]);
      await host.must("token", "converge");
      assert.deepEqual([cluster.secondCluster, cluster.isLone], [false, false]);
      assert.deepEqual(files.list("/etc/systemd/system/k3s.service.d"), [], "what holds during the take-over stays");
    }));

  it("loses nothing when the connection is lost as k3s dies in it, and systemd starts k3s again", async () => {
    const started = await onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      await host.must("token");
      const { calls } = await host.run("converge", { record: true });
      return Number.parseInt(
        calls.find((call) => call.includes("systemctl restart --no-block k3s"))!,
        10,
      );
    });
    await onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      await host.must("token");
      host.world.k3s.temper.migrationDies = 1;
      const killed = await host.run("converge", { fault: { at: started + 6, how: "kill" } });
      assert.equal(killed.code, undefined);
      host.world.clock.advance(60);
      assert.equal(host.world.cluster.isLone, false, "k3s runs with the data in etcd");
      await host.must("token", "converge");
      assert.equal(host.world.cluster.secondCluster, false);
    });
  });

  it("is taken over when it is older, by one minor release at most", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host, { k3s: { version: NEXT_MINOR } });
      await host.must("token", "converge");
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), NEXT_MINOR);
      assert.equal(host.world.k3s.versionOf(`${keptIn(host)}/files/usr/local/bin/k3s`), VERSION);
    }));

  it("is taken over as a server with etcd, of which a snapshot is kept", () =>
    onHost(THREE, "s2", async (host) => {
      host.surround();
      officialK3s(host, { data: "etcd" });
      adopting(host);
      await host.must("token", "converge");
      assert.deepEqual([...host.world.cluster.etcd].sort(), ["s1", "s2", "s3"]);
      assert.ok(host.world.files.list(keptIn(host)).some((name) => name.startsWith("etcd-")));
    }));

  it("is taken over as an agent, whose token and server stood in its environment", () =>
    onHost(ONE, "a1", async (host) => {
      host.surround();
      officialK3s(host, {
        role: "agent",
        env: ["K3S_TOKEN='agent-secret'", "K3S_URL='https://192.0.2.1:6443'", "HTTP_PROXY='http://proxy:3128'"],
      });
      adopting(host);
      await host.must("token", "converge");
      const { files, k3s } = host.world;
      assert.equal(k3s.config()["server"], "https://192.0.2.1:6443");
      assert.equal(files.read("/etc/default/k3s-agent"), "HTTP_PROXY='http://proxy:3128'\n", "the proxy is lost");
      assert.ok(!files.exists("/etc/systemd/system/k3s-agent.service.env"));
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
    }));

  it("is taken over from a unit of another name, with settings in drop-ins and files", () =>
    onHost(ONE, "s1", async (host) => {
      const { files, systemd } = host.world;
      files.write(
        "/etc/rancher/k3s/config.yaml",
        "# ours\nnode-name: s1\ncluster-cidr: '10.50.0.0/16' # pods\ndisable:\n- traefik\n",
      );
      files.write("/etc/rancher/k3s/config.yaml.d/50-more.yaml", 'disable+: ["servicelb"]\nkubelet-arg:\n  - a=b\n');
      files.write("/etc/systemd/system/k3s-home.service.d/args.conf", "[Service]\nEnvironment=K3S_DEBUG=true\n");
      officialK3s(host, { name: "home", args: [], env: ["K3S_TOKEN=server-secret"] });
      adopting(host, { network: { podCidr: "10.50.0.0/16", verifyOverlay: false }, k3s: { disable: ["traefik"] } });
      const { err } = await host.must("token", "converge");
      assert.match(err, /k3s installs them: servicelb/);
      assert.match(err, /end: debug, kubelet-arg /);
      assert.ok(!files.exists("/etc/systemd/system/k3s-home.service") && !systemd.unit("k3s-home").enabled);
      assert.ok(!files.exists("/etc/rancher/k3s/config.yaml.d/50-more.yaml"), "k3s would still read it");
      assert.equal(systemd.unit("k3s").state, "active");
      assert.ok(!host.world.cluster.secondCluster);
    }));

  it("keeps a drop-in that is the host owner's, and variables that are no settings of k3s", () =>
    onHost(ONE, "s1", async (host) => {
      const { files } = host.world;
      const dropIn = "/etc/systemd/system/k3s.service.d/disk.conf";
      files.write(dropIn, "[Unit]\nAfter=mnt-data.mount\n[Service]\nExecStartPre=/usr/local/bin/wait-for-disk\n");
      files.write("/etc/default/k3s", "K3S_DEBUG=true\nHTTPS_PROXY=http://proxy:3128\n", 0o600);
      officialK3s(host);
      adopting(host);
      await host.must("token", "converge");
      assert.ok(files.exists(dropIn));
      assert.equal(files.read("/etc/default/k3s"), "HTTPS_PROXY=http://proxy:3128\n");
    }));

  it("is an ordinary first installation where there is none", () =>
    onHost(ONE, "a1", async (host) => {
      host.surround();
      adopting(host);
      await host.must("token", "converge");
      assert.deepEqual(
        host.world.files.list("/var/lib/groundwork").filter((name) => name.startsWith("adopted-")),
        [],
      );
    }));

  it("cannot begin without the step that has the tokens", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      assert.match((await host.run("converge")).err, /only s1-token can begin to take over/);
    }));

  it("is not uninstalled while it is being taken over", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host, { name: "home" });
      adopting(host);
      await host.must("token");
      const { code, err } = await host.run("uninstall");
      assert.equal(code, 1);
      assert.match(err, /is being taken over/);
      assert.ok(host.world.files.exists(`${DATA}/server/db/state.db`));
    }));

  for (const [what, official] of [
    ["SQLite", { data: "sqlite", env: ["HTTP_PROXY=http://proxy"] }],
    ["etcd", { data: "etcd" }],
    ["a unit of another name", { name: "home" }],
  ] as readonly (readonly [string, Official])[]) {
    it(`runs again as it did when ours does not start, with ${what}; and a later run takes it over`, () =>
      onHost(ONE, "s1", async (host) => {
        officialK3s(host, { version: VERSION, ...official });
        adopting(host, { k3s: { version: NEXT_PATCH } });
        const { files, k3s, systemd, cluster, clock } = host.world;
        const before = files.tree("/etc/systemd", "/usr/local/bin", "/etc/default/k3s");
        await host.must("token");
        k3s.temper.kubeletSeconds = 9;
        // Late enough for SQLite's data to be etcd's by then.
        k3s.temper.kubeletDies = {
          after: 6,
          line: 'level=fatal msg="kubelet exited: no cgroup"',
          version: NEXT_PATCH,
        };
        const { code, out, err } = await host.run("converge");
        assert.equal(code, 1, out);
        assert.match(err, /no cgroup"; the k3s that was here runs again, as it was/);
        clock.advance(60);
        assert.equal(systemd.unit(official.name === undefined ? "k3s" : "k3s-home").state, "active");
        assert.deepEqual(files.tree("/etc/systemd", "/usr/local/bin", "/etc/default/k3s"), before);
        assert.equal(cluster.isLone, official.data !== "etcd");
        assert.ok(!cluster.secondCluster, "it started an empty cluster");
        k3s.temper.kubeletSeconds = 4;
        delete k3s.temper.kubeletDies;
        await host.must("converge");
        assert.deepEqual([[...cluster.etcd], cluster.secondCluster], [["s1"], false]);
        keptIn(host);
      }));
  }

  it("with etcd is not brought back after a newer minor release, and the snapshot is named", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host, { data: "etcd" });
      adopting(host, { k3s: { version: NEXT_MINOR } });
      await host.must("token");
      Object.assign(host.world.k3s.temper, { kubeletSeconds: 9, kubeletDies: { after: 6, line: "level=fatal msg=x" } });
      const { code, err } = await host.run("converge");
      assert.equal(code, 1);
      assert.match(err, /another minor release .+ snapshot of etcd/);
      assert.equal(host.world.k3s.versionOf("/usr/local/bin/k3s"), NEXT_MINOR);
    }));
});

/** Refused by the mark, before anything of the k3s is looked at. */
