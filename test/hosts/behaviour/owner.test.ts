import * as assert from "node:assert/strict";
import { onHost, VERSION, type Host } from "../host";
import { k3sBinary } from "../fake/releases";
import { type VERBS } from "../scripts";
import { member } from "../member";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];
const TOPS = ["/etc", "/var/lib", "/usr/local"];

/** What the official installation script leaves of a server: its unit, binary, token and data in SQLite. */
function officialK3s(host: Host): void {
  const { files, systemd, k3s } = host.world;
  files.write("/usr/local/bin/k3s", k3sBinary(VERSION), 0o755);
  files.write(
    "/etc/systemd/system/k3s.service",
    "[Unit]\nDescription=Lightweight Kubernetes\n\n[Service]\nExecStart=/usr/local/bin/k3s server\n",
  );
  files.write("/etc/systemd/system/k3s.service.env", "", 0o600);
  files.write("/etc/rancher/k3s/config.yaml", "node-name: theirs\n");
  files.write("/etc/rancher/k3s/token", "their own secret\n", 0o600);
  files.write("/var/lib/rancher/k3s/server/db/state.db", "SQLite format 3\n", 0o600);
  files.write("/var/lib/rancher/k3s/server/token", "K10abc::server:their-own\n", 0o600);
  files.write("/var/lib/rancher/k3s/server/tls/server-ca.crt", "their CA\n");
  files.makeDirectory("/var/lib/rancher/k3s/agent");
  systemd.start("k3s");
  systemd.unit("k3s").state = "active";
  systemd.unit("k3s").enabled = true;
  k3s.ports = [6443, 10250];
}

async function refused(host: Host, verb: (typeof VERBS)[number]): Promise<void> {
  const before = host.world.files.tree(...TOPS);
  const unit = { ...host.world.systemd.unit("k3s") };
  const { code, out, err } = await host.run(verb);
  assert.equal(code, 1, `${verb}: ${out}`);
  assert.match(err, new RegExp(`^error: ${host.node}: .+; .+`, "m"));
  assert.deepEqual(host.world.files.tree(...TOPS), before, `${verb} changed files`);
  assert.deepEqual(host.world.systemd.unit("k3s"), unit, `${verb} touched k3s`);
}

onHosts("whose a host is", () => {
  for (const verb of ["token", "converge", "uninstall"] as const) {
    it(`is asked by ${verb} before it touches a k3s that is not ours (fault 5)`, () =>
      onHost(ONE, "s1", async (host) => {
        officialK3s(host);
        await refused(host, verb);
      }));

    it(`is asked by ${verb} of a second stack (fault 5)`, () =>
      onHost(ONE, "s1", async (host) => {
        await member(host);
        host.otherStack = "second";
        host.world.cluster.token = "another-secret";
        await refused(host, verb);
      }));

    it(`is asked by ${verb} of another node at the same address (fault 2)`, () =>
      onHost(ONE, "a1", async (host) => {
        await member(host);
        host.rename("worker1");
        await refused(host, verb);
      }));
  }

  it("comes out when a name is changed back: nothing has happened (fault 2)", () =>
    onHost(ONE, "a1", async (host) => {
      await member(host);
      host.rename("worker1");
      await host.run("token");
      await host.run("converge");
      host.rename("a1");
      assert.match((await host.must("token", "converge")).out, /unchanged/);
    }));

  it("is written on a host that Groundwork made before there were marks", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.world.files.remove("/var/lib/groundwork/owner");
      await host.must("token", "converge");
      assert.match(host.world.files.read("/var/lib/groundwork/owner") ?? "", /^node=s1$/m);
    }));

  it("is not taken for granted on a host whose unit is ours and whose token is another cluster's", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      host.world.files.remove("/var/lib/groundwork/owner");
      host.world.cluster.token = "another-secret";
      await refused(host, "token");
    }));

  it("has the hash of the cluster's CA once there is a cluster", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      await host.must("token", "converge");
      const mark = host.world.files.read("/var/lib/groundwork/owner") ?? "";
      assert.match(mark, /^stack=test$/m);
      assert.match(mark, new RegExp(`^cluster=${host.world.cluster.caHash}$`, "m"));
    }));
});
