import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  addressAndPort,
  addressBlock,
  hostPort,
  isLoopback,
  isPublicAddress,
  overlap,
  urlHost,
  usesIpv6,
} from "../../config/addresses";
import { node, settingsFrom } from "./fixtures";

describe("addressBlock", () => {
  it("reads IPv4 and IPv6, alone or as a block", () => {
    assert.deepEqual(addressBlock("10.1.2.3/8"), { family: 4, address: "10.1.2.3", prefix: 8 });
    assert.deepEqual(addressBlock("::1"), { family: 6, address: "::1", prefix: 128 });
    assert.deepEqual(addressBlock("fe80::1%eth0"), { family: 6, address: "fe80::1", prefix: 128 });
    assert.equal(addressBlock("fd00::/56")?.prefix, 56);
  });

  it("is undefined for what is no block", () => {
    for (const text of ["", "a", "10.0.0.1/33", "10.0.0.1/x", "::/129", "gate.example.org"]) {
      assert.equal(addressBlock(text), undefined);
    }
  });
});

describe("overlap", () => {
  it("is mutual, and true of a block and any address in it", () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.integer({ min: 0, max: 32 }),
        fc.ipV4(),
        fc.integer({ min: 0, max: 32 }),
        (a, m, b, n) => {
          assert.ok(overlap(a, `${a}/${m}`));
          assert.equal(overlap(`${a}/${m}`, `${b}/${n}`), overlap(`${b}/${n}`, `${a}/${m}`));
        },
      ),
    );
    fc.assert(fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (a, m) => overlap(a, `${a}/${m}`)));
  });

  it("is never between IPv4 and IPv6", () => {
    assert.equal(overlap("0.0.0.0/0", "::/0"), false);
  });
});

describe("addresses", () => {
  it("are loopback in the whole block", () => {
    assert.deepEqual(["127.0.0.1", "::ffff:127.0.0.1", "127.0.0.53", "::1", "10.0.0.1", "::2"].map(isLoopback), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("are public outside the private blocks; names are not", () => {
    const tried = ["203.0.113.1", "2001:db8::1", "10.0.0.1", "100.64.0.1", "fd00::1", "127.0.0.1", "k3s.example.org"];
    assert.deepEqual(tried.map(isPublicAddress), [true, true, false, false, false, false, false]);
  });

  it("stand in brackets before a port when they are IPv6", () => {
    assert.deepEqual(
      ["10.0.0.1", "2001:db8::1", "fe80::1%eth0", "ns1.example.org"].map((host) => hostPort(host, 53)),
      ["10.0.0.1:53", "[2001:db8::1]:53", "[fe80::1%eth0]:53", "ns1.example.org:53"],
    );
    assert.deepEqual(["2001:db8::1", "ns1.example.org"].map(urlHost), ["[2001:db8::1]", "ns1.example.org"]);
  });

  it("come with a port or without", () => {
    assert.deepEqual(addressAndPort("10.0.0.1:53"), { address: "10.0.0.1", port: 53 });
    assert.deepEqual(addressAndPort("10.0.0.1"), { address: "10.0.0.1", port: undefined });
    assert.deepEqual(addressAndPort("[::1]:53"), { address: "::1", port: 53 });
    assert.deepEqual(addressAndPort("::1"), { address: "::1", port: undefined });
    for (const text of ["ns1.example.org", "10.0.0.1:0", "10.0.0.1:70000", ":53", ""]) {
      assert.equal(addressAndPort(text), undefined);
    }
  });

  describe("usesIpv6", () => {
    const of = (more: Parameters<typeof settingsFrom>[0]): boolean => usesIpv6(settingsFrom(more));
    const server = (more: object): object => node("s1", { role: "server", ...more });

    it("is about pods and services, not about how hosts are reached", () => {
      const network = { podCidr: "fd00:42::/56", serviceCidr: "fd00:43::/112" };
      assert.equal(of({}), false);
      assert.equal(of({ nodes: [server({ address: "2001:db8::1", internalIp: "10.0.0.1" })] }), false);
      assert.equal(of({ nodes: [server({ internalIp: ["10.0.0.1", "fd00::1"] })] }), false);
      assert.equal(of({ network, nodes: [server({ address: "2001:db8::1" })] }), true);
      assert.equal(of({ network, nodes: [server({ internalIp: "fd00::1" })] }), true);
      const both = { podCidr: ["10.42.0.0/16", "fd00:42::/56"], serviceCidr: ["10.43.0.0/16", "fd00:43::/112"] };
      assert.equal(of({ network: both, nodes: [server({ internalIp: ["10.0.0.1", "fd00::1"] })] }), true);
    });
  });
});
