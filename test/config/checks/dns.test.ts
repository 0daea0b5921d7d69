import * as assert from "node:assert/strict";
import { errors, stack, warnings } from "../fixtures";

describe("dns", () => {
  it("refuses loopback resolvers", () => {
    assert.deepEqual(errors(stack({ dns: { upstream: ["127.0.0.53", "::1"] } })), [
      "dns.upstream[0]: 127.0.0.53 is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself for ever; write the address of the site's resolver, e.g. 192.168.10.1",
      "dns.upstream[1]: ::1 is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself for ever; write the address of the site's resolver, e.g. 192.168.10.1",
    ]);
  });

  it("refuses forwarders that are loopback addresses or no addresses", () => {
    assert.deepEqual(
      errors(stack({ dns: { forward: { "a.example": ["127.0.0.1:5353", "foo", "10.0.0.2", "10.0.0.2:5353"] } } })),
      [
        'dns.forward["a.example"][0]: 127.0.0.1:5353 is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself for ever; write the address of the zone\'s resolver, e.g. 192.168.10.1',
        'dns.forward["a.example"][1]: "foo" is not an IP address; write one like 10.0.0.2 or 10.0.0.2:5353',
      ],
    );
  });

  it("warns of a fourth resolver", () => {
    const raw = stack({ dns: { upstream: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "dns.upstream: has 4 resolvers, of which only the first three are used; write at most three",
    ]);
  });

  it("does not configure a CoreDNS that is left out", () => {
    assert.deepEqual(
      errors(stack({ dns: { forward: { "a.example": ["10.0.0.1"] } }, k3s: { disable: ["coredns"] } })),
      [
        "dns.forward: configures CoreDNS, but k3s.disable leaves it out; take coredns out of k3s.disable, or configure your own",
      ],
    );
  });

  it("wants address and port of cert-manager's resolvers", () => {
    assert.deepEqual(
      errors(
        stack({
          certificates: {
            certManager: true,
            dns01Nameservers: [
              "8.8.8.8",
              "2001:db8::1",
              "127.0.0.1:53",
              "https://dns.example/q",
              "foo",
              "dns.example:53",
            ],
          },
        }),
      ),
      [
        "certificates.dns01Nameservers[0]: 8.8.8.8 has no port; write 8.8.8.8:53",
        "certificates.dns01Nameservers[1]: 2001:db8::1 has no port; write [2001:db8::1]:53",
        "certificates.dns01Nameservers[2]: 127.0.0.1:53 is a loopback address: in a pod it is the pod itself; write a resolver that answers for the world, e.g. 1.1.1.1:53",
        'certificates.dns01Nameservers[4]: "foo" is not a resolver; write its address and port, e.g. 8.8.8.8:53',
      ],
    );
  });
});
