import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

const BOTH = { podCidr: ["10.42.0.0/16", "fd00:42::/56"], serviceCidr: ["10.43.0.0/16", "fd00:43::/112"] };
const INSIDE = "the cluster's blocks are IPv4 and IPv6 (network.podCidr 10.42.0.0/16 and fd00:42::/56)";

describe("families of addresses", () => {
  it("of pods and services are of one kind", () => {
    assert.deepEqual(errors(stack({ network: { podCidr: "fd00:42::/56" } })), [
      "network.serviceCidr: 10.43.0.0/16 is IPv4, network.podCidr fd00:42::/56 is IPv6; write two blocks of the same kind",
    ]);
  });

  it("of nodes are of the kind of their pods' block", () => {
    const inside = "the cluster's blocks are IPv4 (network.podCidr 10.42.0.0/16)";
    const blocks = "or podCidr: fd00:42::/56 and serviceCidr: fd00:43::/112 under network";
    const nodes = [
      server("s1", { address: "2001:db8::11" }),
      node("a", { internalIp: "fd00::12" }),
      node("b", { address: "2001:db8::13", internalIp: "10.0.0.13" }),
      node("c", { address: "c.example.org" }),
    ];
    assert.deepEqual(errors(stack({ nodes })), [
      `nodes[0].address: 2001:db8::11 is IPv6, and ${inside}; write an IPv4 address in internalIp, ${blocks}`,
      `nodes[1].internalIp: fd00::12 is IPv6, and ${inside}; write an IPv4 address in internalIp, ${blocks}`,
    ]);
    const network = { podCidr: "fd00:42::/56", serviceCidr: "fd00:43::/112" };
    assert.match(errors(stack({ network })).join(), /^nodes\[0\]\.address: 10\.0\.0\.11 is IPv4, .* IPv6 .*internalIp/);
    assert.deepEqual(errors(stack({ network, nodes: [server("s1", { address: "2001:db8::11" })] })), []);
  });

  it("of both kinds go together", () => {
    const nodes = [
      server("s1", { internalIp: ["10.0.0.11", "fd00::11"], externalIp: ["198.51.100.11", "2001:db8::11"] }),
      node("a", { internalIp: ["fd00::12", "10.0.0.12"], externalIp: "2001:db8::12" }),
    ];
    const raw = stack({ nodes, network: { ...BOTH, ipv6Masquerade: true } });
    assert.deepEqual([errors(raw), warnings(raw)], [[], []]);
  });

  it("are one IPv4 and one IPv6, of one or two", () => {
    const kind = (path: string, text: string): string =>
      `${path}: has two of one kind: ${text}; write one IPv4 and one IPv6, the primary one first; or only one`;
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1", { internalIp: ["10.0.0.11", "10.0.0.12"] })],
          network: { podCidr: ["10.42.0.0/16", "10.44.0.0/16"], serviceCidr: ["10.43.0.0/16", "10.45.0.0/16"] },
        }),
      ),
      [
        kind("network.podCidr", "10.42.0.0/16 and 10.44.0.0/16 are IPv4"),
        kind("network.serviceCidr", "10.43.0.0/16 and 10.45.0.0/16 are IPv4"),
        kind("nodes[0].internalIp", "10.0.0.11 and 10.0.0.12 are IPv4"),
      ],
    );
    const remedy = "write one like 10.0.0.11, or one of each family like [10.0.0.11, fd00::11]";
    const found = errors(stack({ nodes: [server("s1", { internalIp: "10.0.0.11,fd00::11", externalIp: [] })] }));
    assert.deepEqual(found, [
      `nodes[0].internalIp: "10.0.0.11,fd00::11" is neither an IP address nor a list of two; ${remedy}`,
      `nodes[0].externalIp: is neither an IP address nor a list of two; ${remedy}`,
    ]);
  });

  it("of pods and services are the same, in the same order", () => {
    const nodes = [server("s1", { internalIp: ["10.0.0.11", "fd00::11"] })];
    const of = (network: object): string[] => errors(stack({ nodes, network: { ...BOTH, ...network } }));
    assert.deepEqual(of({ serviceCidr: ["fd00:43::/112", "10.43.0.0/16"] }), [
      "network.serviceCidr: fd00:43::/112 and 10.43.0.0/16 is IPv6 and IPv4, network.podCidr 10.42.0.0/16 and fd00:42::/56 is IPv4 and IPv6; write both in the same order: the first is the primary one",
    ]);
    assert.deepEqual(of({ serviceCidr: "10.43.0.0/16" }), [
      "network.serviceCidr: 10.43.0.0/16 is IPv4, network.podCidr 10.42.0.0/16 and fd00:42::/56 is IPv4 and IPv6; write one block in each, or one of each family in each",
    ]);
    assert.deepEqual(of({ serviceCidr: ["10.43.0.0/16", "fd00:42:0:1::/112"] }), [
      "network.serviceCidr: fd00:42:0:1::/112 overlaps network.podCidr fd00:42::/56; write blocks that share no address, e.g. 10.42.0.0/16 and 10.43.0.0/16",
    ]);
  });

  it("of nodes are both where the pods' are, and the primary one first on servers", () => {
    const nodes = [
      server("s1", { internalIp: ["fd00::11", "10.0.0.11"] }),
      node("a", { internalIp: "10.0.0.12" }),
      node("b"),
    ];
    assert.deepEqual(errors(stack({ nodes, network: BOTH })), [
      `nodes[0].internalIp: fd00::11 and 10.0.0.11 is IPv6 and IPv4, in this order, and ${INSIDE}; write it in the order IPv4 and IPv6, or the blocks under network in the other one`,
      `nodes[1].internalIp: 10.0.0.12 is IPv4, and ${INSIDE}; write one of each family, in the order IPv4 and IPv6; or one block in podCidr and in serviceCidr under network`,
      `nodes[2].internalIp: is missing, and ${INSIDE}: k3s does not look for both of a node's addresses; write one of each family, in the order IPv4 and IPv6`,
    ]);
    const single = stack({ nodes: [server("s1", { internalIp: ["10.0.0.11", "fd00::11"] })] });
    assert.deepEqual(errors(single), []);
    assert.deepEqual(warnings(single), [
      "nodes[0].internalIp: 10.0.0.11 and fd00::11 is IPv4 and IPv6, and the cluster's blocks are IPv4 (network.podCidr 10.42.0.0/16), so pods and services have no use for both; see that this is meant",
    ]);
  });

  it("of a server's outside address are what the API server can advertise", () => {
    const nodes = (externalIp: unknown): unknown => [
      server("s1", { internalIp: ["10.0.0.11", "fd00::11"], externalIp }),
    ];
    assert.deepEqual(errors(stack({ nodes: nodes(["2001:db8::11", "198.51.100.11"]), network: BOTH })), [
      `nodes[0].externalIp: 2001:db8::11 and 198.51.100.11 is IPv6 and IPv4, in this order, and ${INSIDE}; the API server advertises the first, and refuses that; write the IPv4 address first`,
    ]);
    const advertised = { k3s: { server: { "advertise-address": "10.0.0.11" } }, network: BOTH };
    assert.deepEqual(errors(stack({ nodes: nodes("2001:db8::11"), ...advertised })), []);
  });

  it("are masqueraded where there is IPv6, and flannel", () => {
    assert.deepEqual(errors(stack({ network: { ipv6Masquerade: true } })), [
      "network.ipv6Masquerade: has no effect: network.podCidr has no IPv6 block; write one of each family, or remove it",
    ]);
    const nodes = [server("s1", { internalIp: ["10.0.0.11", "fd00::11"] })];
    assert.deepEqual(errors(stack({ nodes, network: { ...BOTH, flannelBackend: "none", ipv6Masquerade: true } })), [
      "network.ipv6Masquerade: has no effect with flannelBackend: none; see to it in your own CNI, and remove it",
    ]);
    assert.deepEqual(errors(stack({ k3s: { server: { "flannel-ipv6-masq": true } } })), [
      "k3s.server.flannel-ipv6-masq: is written by Groundwork; set network.ipv6Masquerade",
    ]);
  });

  it("are IPv4 in containers of k3d", () => {
    assert.deepEqual(errors(stack({ nodes: [], ssh: undefined, cluster: { k3d: {} }, network: BOTH })), [
      "network.podCidr: 10.42.0.0/16 and fd00:42::/56 is not all IPv4, and the containers of k3d have no IPv6 address; write one IPv4 block",
    ]);
  });
});
