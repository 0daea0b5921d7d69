import assert from "node:assert/strict";
import { plannedAuthorities } from "../../../cli/runRotate";
import {
  decideAuthorities,
  type AuthorityState,
  type NodeState,
  type ServerState,
} from "../../../operate/authorities/rotation";

const ready = (name: string, more: Partial<NodeState> = {}): NodeState => ({
  name,
  isReady: true,
  isVoter: name.startsWith("s"),
  ...more,
});
const NODES = ["s1", "s2", "a1"].map((name) => ready(name));

const agent = (node: string, more: Partial<AuthorityState> = {}): AuthorityState => ({
  node,
  role: "agent",
  authority: "aa".repeat(32),
  version: "v1.36.4+k3s1",
  isActive: true,
  server: undefined,
  ...more,
});
const server = (node: string, says: Partial<ServerState> = {}, more: Partial<AuthorityState> = {}): AuthorityState => ({
  ...agent(node),
  role: "server",
  server: { hasOpenssl: true, isBegun: false, strangers: [], nodes: NODES, ...says },
  ...more,
});

function refused(...states: AuthorityState[]): string[] {
  try {
    decideAuthorities(states);
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.trim());
  }
  return assert.fail("it was not refused");
}

describe("a rotation of the certificate authorities", () => {
  it("is the first server's, and goes on where one was begun, whatever is down by now", () => {
    assert.deepEqual(decideAuthorities([server("s1"), server("s2"), agent("a1")]), { server: "s1", goesOn: false });
    const begun = server("s2", { isBegun: true, nodes: undefined }, { authority: "bb".repeat(32) });
    assert.deepEqual(decideAuthorities([server("s1"), begun, agent("a1", { isActive: false })]), {
      server: "s2",
      goesOn: true,
    });
  });

  it("is refused with everything that is in the way", () => {
    const nodes = [ready("s1"), ready("s2", { isVoter: false }), ready("a1", { isReady: false }), ready("x9")];
    const says = { hasOpenssl: false, strangers: ["server", "etcd/peer"], nodes };
    assert.deepEqual(
      refused(
        server("s1", says, { version: "v1.25.16+k3s4" }),
        server("s2", {}, { authority: "bb".repeat(32) }),
        agent("a1"),
      ),
      [
        "the certificate authorities are not rotated:",
        "s1 runs v1.25.16+k3s4, which cannot rotate its own authorities; write k3s.version v1.26.3+k3s1 or newer first",
        "the nodes do not have the same authority (aaaaaaaaaaaa on s1, a1; bbbbbbbbbbbb on s2): if somebody rotated it by hand, restart k3s on those that are behind, servers first",
        "k3s did not make these authorities itself (server, etcd/peer, on s1): rotate them with the root that they are from (docs.k3s.io/cli/certificate)",
        "s1 has no openssl, which makes the new authorities: install the package openssl there",
        "these nodes are not Ready, or no voters of etcd: s2, a1; bring them back, or take them out",
        "these nodes are not of this stack, and would not find back: x9; add them to 'nodes', or take them out of the cluster",
      ],
    );
  });

  it("is refused where a k3s is stopped, a node is missing, or no API answers", () => {
    const down = "these nodes are not Ready, or no voters of etcd: a1; bring them back, or take them out";
    assert.deepEqual(refused(server("s1"), server("s2"), agent("a1", { isActive: false })).slice(1), [down]);
    const nodes = [ready("s1"), ready("s2")];
    assert.deepEqual(refused(server("s1", { nodes }), server("s2"), agent("a1")).slice(1), [down]);
    assert.deepEqual(refused(server("s1", { nodes: undefined })).slice(1), [
      "no server's API answers: bring a server back first",
    ]);
  });

  it("is nothing for a cluster of which the stack has no server", () => {
    assert.deepEqual(refused(), [
      "the stack has no server: whoever runs the cluster rotates its certificate authorities",
    ]);
  });

  it("is shown before it is agreed to", () => {
    assert.deepEqual(plannedAuthorities({ server: "s1", goesOn: false, restarts: ["s1", "s2", "a1"] }), [
      "s1 saves a snapshot of etcd, and makes new certificate authorities, which those of before sign",
      "then k3s restarts on s1, s2, a1, one after another; pods run on",
    ]);
    assert.equal(
      plannedAuthorities({ server: "s2", goesOn: true, restarts: ["s2"] })[0],
      "a rotation that was begun on s2 goes on",
    );
  });
});
