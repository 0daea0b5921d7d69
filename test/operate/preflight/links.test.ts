import assert from "node:assert/strict";
import { linkFindings } from "../../../operate/preflight/links";
import { neighbourOf, overlayPort, portsBetween, type Neighbour } from "../../../operate/preflight/neighbours";
import { attemptsIn, type Attempt } from "../../../operate/preflight/probe";
import { nodes } from "../../program";
import { siteOf } from "./inspections";

const WG = { network: { interface: "wg0" } };

function neighbours(changes: Record<string, unknown> = WG): Neighbour[] {
  const { settings, inspections } = siteOf({
    nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1"),
    ...changes,
  });
  return inspections.flatMap((inspection) => neighbourOf(inspection, settings) ?? []);
}

/** All that a node tried at another one, as it should end. */
function attempt(changes: Partial<Attempt> = {}): Attempt {
  const [from, , , to] = neighbours();
  return {
    from: from!,
    to: to!,
    tcp: new Map([[10250, "open"]]),
    ping: true,
    mtu: 1500,
    fragments: false,
    udp: true,
    ...changes,
  };
}

const shown = (...attempts: Attempt[]): string[] =>
  linkFindings({ attempts, unprobed: [] }, 8472)
    .filter(({ level }) => level !== "ok")
    .map(({ check, where, level, message, remedy }) => `${level} ${check} ${where ?? ""}: ${message}; ${remedy}`);

describe("how a node is reached by the others", () => {
  const addresses = (changes: Record<string, unknown>): (string | undefined)[] =>
    neighbours(changes).map(({ address }) => address);

  it("is at its internalIp, or at the address that k3s takes: the interface's, or the default route's", () => {
    assert.deepEqual(addresses({}), ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
    assert.deepEqual(addresses(WG), ["10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4"]);
    const own = nodes("server:s1").map((node) => ({ ...node, internalIp: "10.7.0.1" }));
    assert.deepEqual(addresses({ nodes: own, ...WG }), ["10.7.0.1"]);
  });

  it("is in the family of the pods' addresses", () => {
    const ipv6 = { network: { interface: "wg0", podCidr: "fd42::/56", serviceCidr: "fd43::/112" } };
    assert.deepEqual(addresses(ipv6), ["fd00::1", "fd00::2", "fd00::3", "fd00::4"]);
  });

  it("is not known where the chosen interface has no address", () => {
    assert.deepEqual(addresses({ network: { interface: "wg7" } }), []);
  });

  it("needs the ports that k3s documents, and one for flannel's packets", () => {
    const [s1, s2, , a1] = neighbours().map(({ node }) => node);
    assert.deepEqual(portsBetween(s1!, s2!), [6443, 2379, 2380, 10250]);
    assert.deepEqual(portsBetween(a1!, s1!), [6443, 10250]);
    assert.deepEqual(portsBetween(s1!, a1!), [10250]);
    const port = (flannelBackend: string): number | undefined =>
      overlayPort(siteOf({ network: { flannelBackend } }).settings);
    assert.deepEqual(["vxlan", "wireguard-native", "host-gw", "none"].map(port), [8472, 51820, undefined, undefined]);
  });
});

describe("the network between nodes", () => {
  it("is told to be right, a line for each check", () => {
    assert.deepEqual(
      linkFindings({ attempts: [attempt()], unprobed: [] }, 8472).map(({ level, check }) => `${level} ${check}`),
      ["ok node-ping", "ok node-tcp", "ok node-udp", "ok node-mtu"],
    );
  });

  it("is one finding where nothing comes through, not five", () => {
    assert.deepEqual(shown(attempt({ ping: false, mtu: 0, udp: false, tcp: new Map([[10250, "silent"]]) })), [
      "error node-reach s1 → a1: nothing comes through to 10.9.0.4 over wg0: no ping, no TCP, no UDP; see that wg0 leads there: its routes, the VPN's peers, the firewalls between; or correct the node's internalIp",
    ]);
  });

  it("names flannel's port where its packets alone are lost", () => {
    assert.deepEqual(shown(attempt({ udp: false })), [
      "error node-udp s1 → a1: UDP 8472 does not come through to 10.9.0.4 over wg0; open UDP 8472 between all nodes: flannel's packets, and with them the traffic of pods of different nodes, go there",
    ]);
  });

  it("names the TCP ports, as an error where the cluster needs them", () => {
    assert.deepEqual(
      shown(
        attempt({
          tcp: new Map([
            [6443, "open"],
            [10250, "refused"],
          ]),
        }),
      ),
      [
        "warning node-tcp s1 → a1: TCP 10250 (refused) of 10.9.0.4 cannot be reached; open TCP 10250 between the nodes; without it metrics, and what else asks a kubelet from another node, fail",
      ],
    );
    assert.deepEqual(
      shown(
        attempt({
          tcp: new Map([
            [6443, "silent"],
            [10250, "silent"],
          ]),
        }),
      ),
      [
        "error node-tcp s1 → a1: TCP 6443 (no answer), 10250 (no answer) of 10.9.0.4 cannot be reached; open TCP 6443, 10250 between the nodes",
      ],
    );
  });

  it("names the size of packets that come through: lost ones are an error, cut ones a warning", () => {
    assert.deepEqual(shown(attempt({ mtu: 1380 })), [
      "error node-mtu s1 → a1: packets of more than 1380 bytes are lost, and wg0 sends up to 1500; set the MTU of wg0 to 1380 on all nodes; flannel takes its own from it",
    ]);
    assert.deepEqual(shown(attempt({ mtu: 1380, fragments: true })), [
      "warning node-mtu s1 → a1: packets of more than 1380 bytes are cut on the way, and wg0 sends up to 1500; set the MTU of wg0 to 1380 on all nodes; flannel takes its own from it",
    ]);
  });

  it("is told not to have been probed where it was not, and nothing of it is called right", () => {
    const findings = linkFindings(
      { attempts: [], unprobed: [{ name: "a1", why: "neither perl nor python3 is on the host" }] },
      8472,
    );
    assert.deepEqual(
      findings.map(({ level, message }) => `${level}: ${message}`),
      ["warning: the network between it and the other nodes was not probed: neither perl nor python3 is on the host"],
    );
  });

  it("is read from what a prober says", () => {
    const [from, , , to] = neighbours();
    const text = "tcp a1 6443 refused\ntcp a1 10250 open\nping a1 yes\nmtu a1 1420\nfragments a1 no\n";
    const [read] = attemptsIn(text, from!, [to!]);
    assert.deepEqual(
      [...read!.tcp],
      [
        [6443, "refused"],
        [10250, "open"],
      ],
    );
    assert.deepEqual([read!.ping, read!.mtu, read!.fragments], [true, 1420, false]);
  });
});
