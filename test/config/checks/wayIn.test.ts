import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const servers = (more: object = {}): Record<string, unknown>[] =>
  [1, 2, 3].map((at) =>
    node(`s${at}`, { role: "server", address: `192.0.2.${at}`, internalIp: `10.0.0.${at}`, ...more }),
  );
const withVip = (virtualIp: object, more: object = {}): Record<string, unknown> =>
  stack({
    nodes: servers(),
    cluster: { virtualIp: { address: "10.0.0.100", interface: "eth0", ...virtualIp } },
    ...more,
  });

describe("the address of the API", () => {
  it("may have a port, where a load balancer listens on another one than the servers", () => {
    for (const end of [
      "k3s.example.org",
      "k3s.example.org:443",
      "10.0.0.9",
      "10.0.0.9:443",
      "fd00::9",
      "[fd00::9]:443",
    ]) {
      assert.deepEqual(errors(stack({ cluster: { apiAddress: end, joinAddress: end } })), [], end);
    }
    for (const end of [
      "k3s.example.org:",
      "k3s.example.org:0",
      "k3s.example.org:70000",
      "https://k3s",
      "[fd00::9",
      "a b",
      "",
    ]) {
      assert.deepEqual(
        errors(stack({ cluster: { apiAddress: end } })),
        [
          `cluster.apiAddress: ${end === "" ? "" : `"${end}" `}is neither an address nor a name, with or without a port; write one like 10.0.0.10, k3s.example.org:443 or [fd00::10]:443`,
        ],
        end,
      );
    }
  });

  it("is outside of the cluster, whatever its port", () => {
    assert.deepEqual(errors(stack({ cluster: { apiAddress: "10.42.0.9:443" } })), [
      "cluster.apiAddress: 10.42.0.9 lies inside network.podCidr 10.42.0.0/16; write another block for network.podCidr: what is inside it is not reached from the cluster",
    ]);
  });
});

describe("the port of the API", () => {
  const port = (apiPort: number, more: object = {}): string[] => errors(stack({ cluster: { apiPort }, ...more }));
  const k3s = { disable: ["traefik", "servicelb"] };

  it("is free, and so is the one after it", () => {
    assert.deepEqual(port(7443), []);
    assert.deepEqual(port(443, { k3s }), []);
    assert.deepEqual(port(2380), [
      "cluster.apiPort: 2380 is that of etcd; write another port, e.g. 6443",
      "cluster.apiPort: k3s takes the port after 2380 as well, and 2381 is that of etcd's metrics; write another port, e.g. 6443",
    ]);
    assert.deepEqual(port(65535), [
      "cluster.apiPort: 65535 leaves no port after it, which k3s takes as well; write another port, e.g. 6443",
    ]);
  });

  it("is not one that an ingress takes on every node", () => {
    assert.deepEqual(port(443), [
      "cluster.apiPort: k3s's own Traefik, through servicelb, takes port 443 on every node; write another port, e.g. 6443",
    ]);
    const ingress = { controller: "ingress-nginx", kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" };
    assert.deepEqual(port(443, { k3s, ingress }), [
      "cluster.apiPort: ingress.hostPorts takes port 443 on every node; write another port, e.g. 6443",
    ]);
  });

  it("has a setting of its own, which whoever writes k3s's is told", () => {
    assert.deepEqual(errors(stack({ k3s: { server: { "https-listen-port": 7443 } } })), [
      "k3s.server.https-listen-port: is written by Groundwork; set cluster.apiPort",
    ]);
  });

  it("counts as one of the nodes' own ports", () => {
    const found = warnings(stack({ cluster: { apiPort: 31443 } })).join();
    assert.match(found, /^network\.nodePortRange: .* themselves: 31443 \(Kubernetes API\), 31444 \(k3s\);/);
  });
});

describe("a virtual IP", () => {
  it("is fine on a network card that the servers' addresses are on", () => {
    assert.deepEqual(errors(withVip({})), []);
    assert.deepEqual(errors(withVip({ prefix: 24, routerId: 7 })), []);
    const own = servers({ interface: "eno1" });
    assert.deepEqual(errors(stack({ nodes: own, cluster: { virtualIp: { address: "10.0.0.100" } } })), []);
  });

  for (const link of ["wg0", "tun1", "tailscale0"]) {
    it(`is refused on ${link}, with the other ways`, () => {
      assert.deepEqual(errors(withVip({ interface: link })), [
        `cluster.virtualIp: an address cannot move between servers on ${link}, which is no Ethernet; take it out, and set cluster.apiAddress to a DNS name with every server's address, or to a load balancer; nodes join by any server that answers without it`,
      ]);
    });
  }

  it("needs an interface that is known", () => {
    assert.deepEqual(errors(stack({ nodes: servers(), cluster: { virtualIp: { address: "10.0.0.100" } } })), [
      "cluster.virtualIp.interface: is missing, and neither the node nor network.interface names one for s1, s2 and s3; write the interface that has the servers' internalIp, e.g. eth0",
    ]);
  });

  it("needs internalIp on every server, of its own kind and network", () => {
    const [s1, s2, s3] = servers();
    const nodes = [s1, { ...s2, internalIp: undefined }, s3];
    assert.deepEqual(errors(withVip({}, { nodes })), [
      "nodes[1].internalIp: is missing, and with cluster.virtualIp k3s could take that for the node's own address; write the address that s2 has on eth0",
    ]);
    assert.deepEqual(errors(withVip({ address: "10.0.1.100", prefix: 24 }, { nodes: [s1] })), [
      "cluster.virtualIp.prefix: 10.0.1.100/24 and nodes[0].internalIp 10.0.0.1 are not of one network; correct the address or the prefix; without a prefix, the address stands alone",
    ]);
    assert.deepEqual(errors(withVip({ address: "fd00::100" }, { nodes: [s1] })), [
      "cluster.virtualIp.address: fd00::100 is IPv6, and nodes[0].internalIp 10.0.0.1 is IPv4; write addresses of one kind",
    ]);
  });

  it("is nobody else's address", () => {
    assert.deepEqual(errors(withVip({ address: "10.0.0.2" })), [
      "cluster.virtualIp.address: 10.0.0.2 is nodes[1].internalIp; write an address that no machine has",
    ]);
    assert.deepEqual(errors(withVip({ address: "10.43.0.1" })), [
      "cluster.virtualIp.address: 10.43.0.1 lies inside network.serviceCidr 10.43.0.0/16; write another block for network.serviceCidr: what is inside it is not reached from the cluster",
    ]);
    assert.deepEqual(errors(withVip({ prefix: 64 })), [
      "cluster.virtualIp.prefix: 64 is longer than an IPv4 address; write at most 32",
    ]);
  });

  it("listens where the servers do", () => {
    const cluster = { virtualIp: { address: "10.0.0.100", interface: "eth0" }, apiAddress: "10.0.0.100:443" };
    assert.deepEqual(errors(stack({ nodes: servers(), cluster })), [
      "cluster.apiAddress: names port 443 at the virtual IP, where the servers listen on 6443; set cluster.apiPort: 443, or write the address alone",
    ]);
  });
});

describe("the operator of the agents", () => {
  it("is a server", () => {
    const nodes = [...servers(), node("a1")];
    assert.deepEqual(errors(stack({ nodes, rollout: { operator: "s2" } })), []);
    assert.deepEqual(errors(stack({ nodes, rollout: { operator: "a1" } })), [
      "rollout.operator: 'a1' is not a server; write s1 or s2 or s3",
    ]);
  });
});

describe("a cluster that Groundwork does not make", () => {
  it("has no way in of ours", () => {
    const cluster = { k3d: {}, apiPort: 7443, virtualIp: { address: "10.0.0.100", interface: "eth0" } };
    const found = errors({ cluster }).filter((line) => /virtualIp|apiPort/.test(line));
    assert.deepEqual(found, [
      "cluster.apiPort: has no effect: k3d makes this cluster; take it out",
      "cluster.virtualIp: has no effect: k3d makes this cluster; take it out",
    ]);
  });
});
