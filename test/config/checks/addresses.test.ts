import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("addresses", () => {
  it("of pods and services do not overlap", () => {
    assert.deepEqual(errors(stack({ network: { podCidr: "10.42.0.0/15" } })), [
      "network.serviceCidr: 10.43.0.0/16 overlaps network.podCidr 10.42.0.0/15; write blocks that share no address, e.g. 10.42.0.0/16 and 10.43.0.0/16",
    ]);
  });

  it("of services fit what Kubernetes takes", () => {
    assert.deepEqual(errors(stack({ network: { serviceCidr: "10.64.0.0/11", podCidr: "10.32.0.0/16" } })), [
      "network.serviceCidr: 10.64.0.0/11 is larger than Kubernetes allows; write a block of /12 or smaller",
    ]);
  });

  it("of pods are enough for all nodes", () => {
    assert.deepEqual(
      errors(stack({ nodes: [server("s1"), node("a"), node("b")], network: { podCidr: "10.42.0.0/23" } })),
      [
        "network.podCidr: 10.42.0.0/23 has room for 2 nodes (a /24 each), and there are 3; write a larger block, e.g. 10.42.0.0/14",
      ],
    );
  });

  it("of pods are divided among the nodes as Kubernetes can", () => {
    const serviceCidr = ["10.43.0.0/16", "fd00:43::/112"];
    const nodes = [server("s1", { internalIp: ["10.0.0.11", "fd00::11"] })];
    const of = (podCidr: string[], args: string[] = []): string[] =>
      errors(
        stack({ nodes, network: { podCidr, serviceCidr }, k3s: { server: { "kube-controller-manager-arg": args } } }),
      );
    assert.deepEqual(of(["10.42.0.0/16", "fd00:42::/48"]), []);
    assert.deepEqual(of(["10.42.0.0/16", "fd00:42::/47"]), [
      "network.podCidr: fd00:42::/47 is larger than Kubernetes divides into a /64 for each node; write a block of /48 or smaller, e.g. fd00:42::/48",
    ]);
    assert.deepEqual(of(["10.42.0.0/24", "fd00:42::/65"]), [
      "network.podCidr: fd00:42::/65 has room for 0 nodes (a /64 each), and there are 1; write a larger block, e.g. fd00:42::/48",
    ]);
    assert.deepEqual(of(["10.42.0.0/24", "fd00:42::/108"], ["node-cidr-mask-size-ipv6=112"]), []);
    assert.deepEqual(of(["10.42.0.0/16", "fd00:42::/56"], ["node-cidr-mask-size=25"]), [
      "k3s.server.kube-controller-manager-arg: has node-cidr-mask-size, which Kubernetes refuses with two blocks in network.podCidr; write node-cidr-mask-size-ipv4 and node-cidr-mask-size-ipv6",
    ]);
  });

  it("of nodes and resolvers lie outside the cluster's blocks", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1", { address: "10.42.0.9", internalIp: "10.43.0.9" })],
          dns: { upstream: ["10.43.0.10"], forward: { "a.example": ["10.42.1.1:53"] } },
        }),
      ),
      [
        "nodes[0].address: 10.42.0.9 lies inside network.podCidr 10.42.0.0/16; write another block for network.podCidr: what is inside it is not reached from the cluster",
        "nodes[0].internalIp: 10.43.0.9 lies inside network.serviceCidr 10.43.0.0/16; write another block for network.serviceCidr: what is inside it is not reached from the cluster",
        "dns.upstream[0]: 10.43.0.10 lies inside network.serviceCidr 10.43.0.0/16; write another block for network.serviceCidr: what is inside it is not reached from the cluster",
        'dns.forward["a.example"][0]: 10.42.1.1 lies inside network.podCidr 10.42.0.0/16; write another block for network.podCidr: what is inside it is not reached from the cluster',
      ],
    );
  });

  it("have node ports in the right order", () => {
    assert.deepEqual(errors(stack({ network: { nodePortRange: "32767-30000" } })), [
      "network.nodePortRange: 32767-30000 is reversed; write 30000-32767",
    ]);
  });

  it("have node ports up to 65535", () => {
    assert.deepEqual(errors(stack({ network: { nodePortRange: "30000-70000" } })), [
      "network.nodePortRange: 30000-70000 is not inside 1-65535; write ports from 1 to 65535",
    ]);
  });

  it("may have all ports as node ports, with a warning that names the nodes' own", () => {
    const raw = stack({ network: { nodePortRange: "1-65535" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "network.nodePortRange: 1-65535 includes ports that the nodes use themselves: 22 (SSH), 2379 (etcd), 2380 (etcd), 6443 (Kubernetes API), 6444 (k3s), 8472 (udp, VXLAN), 10250 (kubelet), 10256 (kube-proxy); a NodePort service must not take these; write nodePort in services that need a certain port",
    ]);
  });

  it("count the ports of ingress, SSH and WireGuard among the nodes' own", () => {
    const raw = stack({
      nodes: [server("s1", { ssh: { port: 22022 } })],
      network: { nodePortRange: "80-60000", flannelBackend: "wireguard-native" },
      ingress: { controller: "ingress-nginx", kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" },
      k3s: { disable: ["traefik"], version: "v1.35.6+k3s1" },
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "network.nodePortRange: 80-60000 includes ports that the nodes use themselves: 80 (ingress), 443 (ingress), 2379 (etcd), 2380 (etcd), 6443 (Kubernetes API), 6444 (k3s), 10250 (kubelet), 10256 (kube-proxy), 22022 (SSH), 51820 (udp, WireGuard); a NodePort service must not take these; write nodePort in services that need a certain port",
    ]);
  });

  it("have the ingress's node ports inside the range", () => {
    assert.deepEqual(
      errors(
        stack({
          ingress: { controller: "ingress-nginx", serviceType: "NodePort", nodePorts: { http: 80, https: 30443 } },
          k3s: { disable: ["traefik"] },
        }),
      ),
      [
        "ingress.nodePorts.http: 80 is outside network.nodePortRange 30000-32767; write a port inside it, or widen the range",
      ],
    );
  });
});
