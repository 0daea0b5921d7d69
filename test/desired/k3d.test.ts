import assert from "node:assert/strict";
import { parse } from "yaml";
import { k3dOf } from "../../desired/k3d";
import { settingsFrom } from "../config/fixtures";

interface K3dFile {
  readonly image: string;
  readonly kubeAPI: object;
  readonly ports: readonly object[];
  readonly files: readonly { source: string; destination: string; nodeFilters: string[] }[];
}

describe("a cluster that k3d makes", () => {
  const made = (k3d: object, more: object = {}) =>
    k3dOf(settingsFrom({ nodes: [], ssh: {}, cluster: { k3d }, ...more }))!;
  const file = (...args: Parameters<typeof made>): K3dFile => parse(made(...args).config) as K3dFile;

  it("is not made for a stack that has machines", () => {
    assert.equal(k3dOf(settingsFrom()), undefined);
  });

  it("is of the pinned k3s, in the name that images have", () => {
    assert.equal(file({}, { k3s: { version: "v1.36.4+k3s1" } }).image, "rancher/k3s:v1.36.4-k3s1");
    assert.equal(file({ image: "mirror.example.org/k3s:x" }).image, "mirror.example.org/k3s:x");
  });

  it("gives k3s what it gets on hosts, as files that are there before its first start", () => {
    const { files } = file(
      { agents: 1 },
      {
        network: { nodePortRange: "20000-30000" },
        k3s: { disable: ["traefik"], agent: { "kubelet-arg": ["max-pods=50"] } },
      },
    );
    assert.deepEqual(
      files
        .map(({ source, ...rest }) => ({ ...rest, source: parse(source) as object }))
        .map(({ source, destination, nodeFilters }) => ({ source, destination, nodeFilters })),
      [
        {
          source: {
            "cluster-cidr": "10.42.0.0/16",
            "service-cidr": "10.43.0.0/16",
            "cluster-domain": "cluster.local",
            "service-node-port-range": "20000-30000",
            "flannel-backend": "vxlan",
            disable: ["traefik"],
            "secrets-encryption": true,
          },
          destination: "/etc/rancher/k3s/config.yaml",
          nodeFilters: ["server:*"],
        },
        {
          source: { "kubelet-arg": ["max-pods=50"] },
          destination: "/etc/rancher/k3s/config.yaml",
          nodeFilters: ["agent:*"],
        },
      ],
    );
  });

  it("asks the site's resolvers on every node", () => {
    const { files } = file({}, { dns: { upstream: ["192.0.2.53"], searchDomains: ["home.example.org"] } });
    const { source, destination, nodeFilters } = files.at(-1)!;
    assert.deepEqual(
      { source, destination, nodeFilters },
      {
        source: "search home.example.org\nnameserver 192.0.2.53\n",
        destination: "/etc/resolv.k3s.conf",
        nodeFilters: ["server:*", "agent:*"],
      },
    );
    assert.match(files[0]!.source, /resolv-conf: \/etc\/resolv\.k3s\.conf/);
  });

  it("publishes its API and ports on this machine alone", () => {
    const { kubeAPI, ports } = file({
      apiPort: 6550,
      ports: ["8080:80@loadbalancer", "127.0.0.1:30000-30010:30000-30010/tcp@server:0"],
    });
    assert.deepEqual(kubeAPI, { hostIP: "127.0.0.1", hostPort: "6550" });
    assert.deepEqual(ports, [
      { port: "8080:80", nodeFilters: ["loadbalancer"] },
      { port: "127.0.0.1:30000-30010:30000-30010/tcp", nodeFilters: ["server:0"] },
    ]);
  });

  it("is another one when anything of its file differs, and only then", () => {
    assert.equal(made({}).digest, made({}, { namespaces: { apps: {} } }).digest);
    assert.notEqual(made({}).digest, made({ agents: 1 }).digest);
    assert.notEqual(made({}).digest, made({}, { dns: { upstream: ["192.0.2.53"] } }).digest);
  });
});
