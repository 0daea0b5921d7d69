import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
const MESH = { cidr: "10.44.0.0/24" };
const server = (more: object = {}): Record<string, unknown> =>
  node("s1", { role: "server", address: "203.0.113.1", internalIp: "10.44.0.1", ...more });
const agent = (more: object = {}): Record<string, unknown> =>
  node("a1", { address: "203.0.113.2", internalIp: "10.44.0.2", ...more });
const meshed = (wireguard: object = {}, nodes = [server(), agent()], network: object = {}): Record<string, unknown> =>
  stack({ nodes, network: { wireguard: { ...MESH, ...wireguard }, ...network } });

describe("a WireGuard mesh in the settings", () => {
  it("is what encrypts the traffic between nodes, on public addresses too", () => {
    const raw = meshed({ peers: { laptop: { publicKey: KEY, address: "10.44.0.200" } } }, undefined, {
      requireEncryption: true,
    });
    assert.deepEqual([errors(raw), warnings(raw)], [[], []]);
  });

  it("gives every machine an address of its own in it", () => {
    const raw = meshed({ peers: { laptop: { publicKey: KEY, address: "10.44.0.1" } } }, [
      server({ internalIp: "10.44.0.1" }),
      agent({ internalIp: undefined }),
      agent({ name: "a2", address: "203.0.113.3", internalIp: "10.9.0.3" }),
      agent({ name: "a3", address: "203.0.113.4", internalIp: "10.44.0.255" }),
    ]);
    assert.deepEqual(errors(raw), [
      "nodes[1].internalIp: is missing: with network.wireguard it is the node's address in the mesh; write a free address of 10.44.0.0/24",
      "nodes[2].internalIp: 10.9.0.3 is not inside network.wireguard.cidr (10.44.0.0/24); write a free address of that block",
      "nodes[3].internalIp: 10.44.0.255 is no address of a machine (10.44.0.0/24); write a free address of that block",
      "network.wireguard.peers.laptop.address: 10.44.0.1 is s1's address; write a free address of 10.44.0.0/24",
    ]);
  });

  it("needs a way between any two nodes", () => {
    const hidden = { wireguard: { endpoint: "none" } };
    assert.deepEqual(errors(meshed({}, [server(hidden), agent()])), []);
    assert.deepEqual(errors(meshed({}, [server(hidden), agent(hidden)])), [
      "nodes[1].wireguard.endpoint: is 'none' on s1 and a1: neither of two such nodes can call the other; give all but one of them an endpoint: a forwarded port of their router (HOST:PORT)",
    ]);
    assert.deepEqual(errors(meshed({}, [server({ address: "10.44.0.1" }), agent({ address: "127.0.0.1" })])), [
      "nodes[0].address: 10.44.0.1 is an address of the mesh, which is not there before Groundwork has been on s1; write the address at which SSH reaches the machine without the mesh",
      "nodes[1].wireguard.endpoint: is missing, and the other nodes cannot call a1 at 127.0.0.1, which is each one's own; write the address at which they reach it, or 'none' if they do not",
    ]);
  });

  it("is the only network of the nodes", () => {
    const raw = meshed({ cidr: "10.42.0.0/24" }, [
      server({ internalIp: "10.42.0.1", interface: "wg0" }),
      agent({ internalIp: "10.42.0.2" }),
    ]);
    const found = errors(raw).map((line) => line.split(":")[0]);
    assert.ok(found.includes("nodes[0].interface") && found.includes("network.wireguard.cidr"), found.join());
    for (const flannelBackend of ["host-gw", "wireguard-native"]) {
      assert.match(
        errors(meshed({}, undefined, { flannelBackend })).join(),
        /^network\.flannelBackend: /,
        flannelBackend,
      );
    }
    assert.match(errors(meshed({}, undefined, { interface: "wg0" })).join(), /^network\.interface: is set beside/);
    assert.match(errors(meshed({}, [server({ adopt: true })])).join(), /nodes\[0\]\.adopt: takes over/);
    assert.match(
      errors(meshed({ interface: "flannel-wg" })).join(),
      /^network\.wireguard\.interface: flannel-wg is a name/,
    );
  });

  it("takes public keys alone, each of one machine", () => {
    const peers = {
      laptop: { publicKey: KEY, address: "10.44.0.200" },
      tablet: { publicKey: KEY, address: "10.44.0.201" },
    };
    assert.deepEqual(errors(meshed({ peers })), [
      "network.wireguard.peers.tablet.publicKey: is that of laptop too; make a key on each machine ('wg genkey')",
    ]);
    const bad = { laptop: { publicKey: "hello", address: "10.44.0.200" } };
    assert.match(
      errors(meshed({ peers: bad })).join(),
      /is not a WireGuard public key; print it with 'wg pubkey < KEY'/,
    );
  });

  it("is told to be missing where a node has an endpoint for it", () => {
    const raw = stack({ nodes: [node("s1", { role: "server", wireguard: { endpoint: "vpn.example.org:51820" } })] });
    assert.match(warnings(raw).join(), /nodes\[0\]\.wireguard\.endpoint: does nothing without network\.wireguard/);
  });
});
