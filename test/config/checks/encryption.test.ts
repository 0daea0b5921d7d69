import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("traffic between nodes", () => {
  it("is warned about when it crosses public addresses", () => {
    const raw = stack({ nodes: [server("s1", { address: "203.0.113.1" }), node("a", { address: "198.51.100.1" })] });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "network.flannelBackend: vxlan is not encrypted, and s1 and a would send it over public addresses; write network.interface with the VPN's interface, network.wireguard for one that Groundwork makes, or flannelBackend: wireguard-native",
    ]);
  });

  it("is refused in plain text where encryption is required", () => {
    const raw = stack({ nodes: [server("s1"), node("a", { interface: "wg0" })], network: { requireEncryption: true } });
    assert.deepEqual(errors(raw), [
      "network.requireEncryption: vxlan is not encrypted, and no VPN interface is set for s1; write network.interface with the VPN's interface, network.wireguard for one that Groundwork makes, or flannelBackend: wireguard-native",
    ]);
    assert.deepEqual(warnings(raw), []);
  });

  it("is not encrypted by a network card", () => {
    assert.deepEqual(
      errors(stack({ nodes: [server("s1"), node("a")], network: { requireEncryption: true, interface: "eth0" } })),
      [
        "network.requireEncryption: vxlan is not encrypted, and no VPN interface is set for s1 and a; write network.interface with the VPN's interface, network.wireguard for one that Groundwork makes, or flannelBackend: wireguard-native",
      ],
    );
  });

  it("is encrypted by WireGuard in flannel", () => {
    const raw = stack({
      nodes: [server("s1", { address: "203.0.113.1" }), node("a", { address: "198.51.100.1" })],
      network: { requireEncryption: true, flannelBackend: "wireguard-native" },
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("is encrypted inside a VPN interface", () => {
    const raw = stack({
      nodes: [server("s1", { address: "203.0.113.1" }), node("a", { address: "198.51.100.1" })],
      network: { requireEncryption: true, interface: "wg0" },
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("cannot be judged with another network plugin", () => {
    const raw = stack({
      nodes: [server("s1"), node("a")],
      network: { requireEncryption: true, flannelBackend: "none" },
      k3s: { server: { "disable-network-policy": true }, manifests: { plugin: "# another network plugin\n" } },
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "network.requireEncryption: cannot be checked with flannelBackend: none; see to it that your own network plugin encrypts",
    ]);
  });
});
