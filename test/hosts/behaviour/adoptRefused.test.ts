import * as assert from "node:assert/strict";
import { NEXT_PATCH, onHost, type Host } from "../host";
import { adopting, officialK3s, type Official } from "../officialK3s";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];
const THREE = ["server:s1", "server:s2", "server:s3"];
const TOPS = ["/etc", "/var/lib", "/usr/local"];
const DATA = "/var/lib/rancher/k3s";

async function refused(host: Host, why: RegExp): Promise<string> {
  const before = host.world.files.tree(...TOPS);
  const unit = { ...host.world.systemd.unit("k3s") };
  const { code, out, err } = await host.run("token");
  assert.equal(code, 1, out);
  assert.match(err, why);
  assert.match(err, /nothing was touched$/m);
  assert.deepEqual(host.world.files.tree(...TOPS), before);
  assert.deepEqual(host.world.systemd.unit("k3s"), unit);
  return err;
}

async function untouched(host: Host, why: RegExp): Promise<void> {
  const before = host.world.files.tree(...TOPS);
  const { code, out, err } = await host.run("token");
  assert.equal(code, 1, out);
  assert.match(err, why);
  assert.deepEqual(host.world.files.tree(...TOPS), before);
}

onHosts("a k3s that somebody else installed and that cannot be taken over", () => {
  it("is refused without adopt: true, and the way out is named", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      await untouched(host, /set adopt: true on the node/);
    }));

  for (const [what, official, changes, why] of [
    ["another node's name", { args: ["--node-name=Other"] }, {}, /s1: its node is called other; write name: other/],
    ["a name that ends with an id", { args: ["--node-name=s1", "--with-node-id"] }, {}, /with-node-id/],
    ["a newer version", { version: NEXT_PATCH }, {}, /v1\.35\.7\+k3s1 runs here, .+ is older; set k3s\.version/],
    ["a version two minor releases older", { version: "v1.33.1+k3s1" }, {}, /skips a minor release/],
    ["other pod addresses", { args: ["--node-name=s1", "--cluster-cidr=10.1.0.0/16"] }, {}, /set network\.podCidr: 10/],
    [
      "another flannel",
      { config: "node-name: s1\nflannel-backend: host-gw\n", args: [] },
      {},
      /flannelBackend: host-gw/,
    ],
    ["no encryption of Secrets", {}, { k3s: { secretsEncryption: true } }, /set k3s\.secretsEncryption: false/],
    [
      "another DNS address",
      { args: ["--node-name=s1", "--cluster-dns", "10.43.0.99"] },
      {},
      /cluster-dns: 10\.43\.0\.99/,
    ],
    ["docker", { args: ["--node-name=s1", "--docker"] }, {}, /docker is true here .+ set nodes\[\]\.k3s\.docker: true/],
    [
      "an address of its own",
      { args: ["--node-name=s1", "--node-ip=10.9.0.1"] },
      {},
      /set nodes\[\]\.internalIp: 10\.9/,
    ],
    [
      "addresses of both families",
      { args: ["--node-name=s1", "--cluster-cidr=10.42.0.0/16,fd00:42::/56"] },
      {},
      /set network\.podCidr: \[10\.42\.0\.0\/16, fd00:42::\/56\]/,
    ],
    ["another data directory", { args: ["--node-name=s1", "-d", "/srv/k3s"] }, {}, /its data-dir is \/srv\/k3s/],
    ["an external datastore", { env: ["K3S_DATASTORE_ENDPOINT='mysql://u:hidden@db/k3s'"] }, {}, /external datastore/],
    ["a file that cannot be read", { config: "node-name: s1\ntls-san: &names [a]\n" }, {}, /not read here: tls-san/],
    ["no k3s that runs", { runs: false }, {}, /k3s does not run; start it/],
  ] as readonly (readonly [string, Official, Record<string, unknown>, RegExp])[]) {
    it(`is refused with ${what}`, () =>
      onHost(ONE, "s1", async (host) => {
        officialK3s(host, official);
        host.world.files.write("/etc/rancher/k3s/k3s.yaml", "clusters: []\n", 0o600);
        adopting(host, changes);
        const err = await refused(host, why);
        assert.doesNotMatch(err, /hidden|server-secret/);
      }));
  }

  it("is refused with another join token", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      host.newToken = "another-secret";
      await refused(host, /k3s\.token is not the one of the cluster/);
      host.newToken = undefined;
      host.world.cluster.agentToken = "another-secret";
      await refused(host, /k3s\.agentToken is not the one of the cluster/);
    }));

  it("is refused as the other role", () =>
    onHost(ONE, "a1", async (host) => {
      host.surround();
      officialK3s(host);
      host.world.cluster.isLone = false;
      adopting(host);
      await refused(host, /runs 'k3s server' here, and the stack says role: agent; set role: server/);
    }));

  for (const [node, role] of [
    ["a1", "agent"],
    ["s2", "server"],
  ] as const) {
    it(`is refused as ${role} ${node} of another cluster`, () =>
      onHost([...THREE, "agent:a1"], node, async (host) => {
        host.surround();
        officialK3s(host, { role, data: "etcd", ...(role === "agent" ? { env: ["K3S_TOKEN=agent-secret"] } : {}) });
        for (const path of ["server/tls/server-ca.crt", "agent/server-ca.crt"]) {
          if (host.world.files.exists(`${DATA}/${path}`)) host.world.files.write(`${DATA}/${path}`, "another CA\n");
        }
        adopting(host);
        await refused(host, /belongs to another cluster than this stack's/);
      }));
  }

  it("is refused as a second server with a cluster of its own in SQLite", () =>
    onHost(THREE, "s2", async (host) => {
      officialK3s(host);
      host.surround();
      adopting(host);
      await refused(host, /a cluster of its own with its data in SQLite/);
    }));

  it("is refused with all that is wrong at once", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host, { args: ["--node-name=x", "--service-cidr=10.9.0.0/16", "--data-dir=/srv"] });
      adopting(host);
      host.world.freeMib = 100;
      const err = await refused(host, /called x/);
      for (const part of [/serviceCidr: 10\.9/, /data-dir is \/srv/, /only 100 MiB are free/]) assert.match(err, part);
    }));

  it("is refused when another stack has the host, before it is compared", () =>
    onHost(ONE, "s1", async (host) => {
      officialK3s(host);
      adopting(host);
      await host.must("token", "converge");
      host.otherStack = "second";
      await untouched(host, /belongs to node s1 of stack test/);
    }));
});
