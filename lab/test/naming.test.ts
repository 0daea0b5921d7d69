import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bridgeName,
  checkLabName,
  hostAddress,
  hostNames,
  labOfStack,
  MOST_AGENTS,
  MOST_SERVERS,
  siteAddress,
  stackName,
  vpnAddress,
} from "../naming";

describe("the names and addresses of a lab", () => {
  it("names servers and agents by number, servers first", () => {
    assert.deepEqual(
      hostNames(1, 2).map((host) => host.name),
      ["server-1", "agent-1", "agent-2"],
    );
  });

  it("gives every host of the largest lab an address of its own, none of them the site's or the gateway's", () => {
    const hosts = hostNames(MOST_SERVERS, MOST_AGENTS);
    const addresses = new Set([
      ...hosts.map((host) => hostAddress("172.30.0", host)),
      siteAddress("172.30.0"),
      "172.30.0.1",
    ]);
    assert.equal(addresses.size, hosts.length + 2);
    assert.ok(hosts.every((host) => host.octet > 2 && host.octet < 255));
  });

  it("keeps a host's address whatever other hosts there are", () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: MOST_SERVERS }), fc.integer({ min: 0, max: MOST_AGENTS }));
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const addresses = new Map(hostNames(...one).map((host) => [host.name, vpnAddress(host)]));
        return hostNames(...other).every((host) => (addresses.get(host.name) ?? vpnAddress(host)) === vpnAddress(host));
      }),
    );
  });

  it("refuses numbers that are none, and too many hosts", () => {
    assert.throws(() => hostNames(0, 2), { message: "--servers 0 is not a number from 1 to 9" });
    assert.throws(() => hostNames(NaN, 2), { message: "--servers NaN is not a number from 1 to 9" });
    assert.throws(() => hostNames(1, 201), { message: "--agents 201 is not a number from 0 to 200" });
  });

  it("makes a stack's name from the lab's, and back", () => {
    assert.equal(stackName("default"), "lab");
    assert.equal(stackName("ha"), "lab-ha");
    assert.equal(labOfStack("lab"), "default");
    assert.equal(labOfStack("lab-ha"), "ha");
    assert.equal(labOfStack("prod"), undefined);
  });

  it("refuses a name that would not do in the name of a container", () => {
    assert.equal(checkLabName("ha-2"), "ha-2");
    for (const name of ["", "Ha", "-a", "a-", "../x", "a b", "x".repeat(21)]) {
      assert.throws(() => checkLabName(name), /is not a lab's name; write lower-case letters/);
    }
  });

  it("names the bridge within the 15 characters of an interface, different for each checkout", () => {
    assert.ok(bridgeName("default", "/a").length <= 15);
    assert.notEqual(bridgeName("default", "/a"), bridgeName("default", "/b"));
  });
});
