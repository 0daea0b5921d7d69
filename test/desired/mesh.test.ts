import assert from "node:assert/strict";
import { allNodes, type DesiredNode } from "../../desired/nodes";
import { desiredOf, nodes } from "../program";

const KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

function meshed(count: number, peers: object = {}): DesiredNode[] {
  const list = nodes("server:s1", "agent:a1", "agent:a2").slice(0, count);
  const [first, ...others] = list.map((node, index) => ({ ...node, internalIp: `10.44.0.${index + 1}` }));
  return allNodes(
    desiredOf({
      nodes: [{ ...first, wireguard: { endpoint: "vpn.example.org" } }, ...others],
      network: { wireguard: { cidr: "10.44.0.0/24", peers } },
    }).nodes,
  );
}

describe("the WireGuard mesh", () => {
  it("tells each node of all others, of how they are reached, and of the peers that are no nodes", () => {
    const [s1, a1] = meshed(2, { laptop: { publicKey: KEY, address: "10.44.0.200" } });
    const facts = s1?.mesh?.mesh.program.facts ?? {};
    assert.equal(facts["mesh_address"], "10.44.0.1/24");
    assert.equal(facts["mesh_nodes"], "a1 10.44.0.2/32 192.0.2.2:51820");
    assert.equal(facts["mesh_peers"], `laptop 10.44.0.200/32 none ${KEY}`);
    assert.equal(a1?.mesh?.mesh.program.facts["mesh_nodes"], "s1 10.44.0.1/32 vpn.example.org:51820");
  });

  it("is the interface of flannel and of the node, and its port is let in", () => {
    const [s1] = meshed(2);
    assert.equal(s1?.interface, "wgmesh0");
    assert.match(s1.steps.host.program.facts["open_ports"] ?? "", /51820\/udp/);
    assert.ok(s1.packages.includes("wireguard"));
  });

  it("grows by a node without a change to the others' k3s", () => {
    const [two, three] = [meshed(2), meshed(3)];
    assert.deepEqual(
      two.map(({ steps }) => steps),
      three.slice(0, 2).map(({ steps }) => steps),
    );
    assert.notDeepEqual(two[0]?.mesh?.mesh, three[0]?.mesh?.mesh);
    assert.deepEqual(two[0]?.mesh?.key, three[0]?.mesh?.key);
  });

  it("has both families where the cluster has", () => {
    const both = { podCidr: ["10.42.0.0/16", "fd00:42::/56"], serviceCidr: ["10.43.0.0/16", "fd00:43::/112"] };
    const list = nodes("server:s1", "agent:a1").map((node, at) => ({
      ...node,
      internalIp: [`10.44.0.${at + 1}`, `fd00:44::${at + 1}`],
    }));
    const wireguard = { cidr: ["10.44.0.0/24", "fd00:44::/64"] };
    const [s1] = allNodes(desiredOf({ nodes: list, network: { ...both, wireguard } }).nodes);
    const facts = s1?.mesh?.mesh.program.facts ?? {};
    assert.equal(facts["mesh_address"], "10.44.0.1/24 fd00:44::1/64");
    assert.equal(facts["mesh_nodes"], "a1 10.44.0.2/32,fd00:44::2/128 192.0.2.2:51820");
  });

  it("is not there where the settings have none", () => {
    const [s1] = allNodes(desiredOf({ nodes: nodes("server:s1") }).nodes);
    assert.equal(s1?.mesh, undefined);
  });
});
