import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("nodes", () => {
  it("need a server", () => {
    assert.deepEqual(errors(stack({ nodes: [node("a")] })), [
      "nodes: has no server; write role: server on at least one node",
    ]);
  });

  it("may be a single server, without a warning", () => {
    const raw = stack();
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("have an odd number of servers: two are refused", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1"), server("s2")] })), [
      "nodes: has 2 servers, an even number: etcd survives no more losses with 2 than with 1; write role: server on 1 or 3 nodes, or set cluster.allowEvenServers: true while you replace a server",
    ]);
  });

  it("have an odd number of servers: four are refused", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1"), server("s2"), server("s3"), server("s4")] })), [
      "nodes: has 4 servers, an even number: etcd survives no more losses with 4 than with 3; write role: server on 3 or 5 nodes, or set cluster.allowEvenServers: true while you replace a server",
    ]);
  });

  it("may be even in number while a server is replaced, with a warning", () => {
    const raw = stack({ nodes: [server("s1"), server("s2")], cluster: { allowEvenServers: true } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "nodes: has 2 servers, an even number: etcd survives no more losses with 2 than with 1; write role: server on 1 or 3 nodes as soon as the server is replaced",
    ]);
  });

  it("take over a cluster only with its join tokens, which Groundwork would otherwise make up", () => {
    const nodes = [server("s1", { adopt: true }), node("a1", { adopt: true })];
    const found = errors(stack({ nodes }));
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found[0]!, /^k3s\.token: is missing.+the last ':' in \/var\/lib\/rancher\/k3s\/server\/token on s1/);
    assert.match(found[1]!, /^k3s\.agentToken: is missing.+\/server\/agent-token on s1/);
    assert.deepEqual(errors(stack({ nodes, k3s: { token: Secret.sealed(), agentToken: Secret.sealed() } })), []);
    // Into a cluster of Groundwork's own, whose tokens it knows.
    assert.deepEqual(errors(stack({ nodes: [server("s1"), node("a1", { adopt: true })] })), []);
  });

  it("have names of their own", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1"), node("s1", { address: "10.0.0.9" })] })), [
      "nodes[1].name: 's1' is the name of nodes[0] too; give each node a name of its own",
    ]);
  });

  it("do not take the name of another node's resource", () => {
    assert.deepEqual(errors(stack({ nodes: [server("db"), node("db-ready")] })), [
      "nodes[1].name: 'db-ready' is the name of a resource of node 'db'; give the node another name",
    ]);
  });

  it("have lower-case names", () => {
    assert.deepEqual(errors(stack({ nodes: [server("S1")] })), [
      'nodes[0].name: "S1" is not in lower case, as Kubernetes wants it; write it in lower case',
    ]);
  });

  it("have addresses of their own", () => {
    assert.deepEqual(
      errors(stack({ nodes: [server("s1", { address: "10.0.0.1" }), node("a", { address: "10.0.0.1" })] })),
      ["nodes[1].address: 10.0.0.1 port 22 is the address of nodes[0] too; write each machine's own address"],
    );
  });

  it("may share an address behind different ports", () => {
    const raw = stack({
      nodes: [
        server("s1", { address: "127.0.0.1", ssh: { port: 2201 }, internalIp: "172.31.77.11" }),
        node("a", { address: "127.0.0.1", ssh: { port: 2202 } }),
      ],
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("have internal addresses of their own", () => {
    assert.deepEqual(
      errors(stack({ nodes: [server("s1", { internalIp: "10.1.0.1" }), node("a", { internalIp: "10.1.0.1" })] })),
      ["nodes[1].internalIp: 10.1.0.1 is the internal address of nodes[0] too; write each node's own address"],
    );
  });

  it("can reach the first server", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1", { address: "127.0.0.1", ssh: { port: 2201 } }), node("a")],
        }),
      ),
      [
        "nodes[0].internalIp: is missing, and other nodes cannot join the first server at 127.0.0.1; write the address at which the other nodes reach it",
      ],
    );
  });

  it("leave room for pods without tolerations", () => {
    assert.deepEqual(warnings(stack({ nodes: [server("s1", { taints: ["a=b:NoSchedule"] })] })), [
      "nodes: every node has a taint with NoSchedule or NoExecute, so pods without a toleration are never scheduled; leave the taints of at least one node out",
    ]);
  });

  it("are not all drained at once", () => {
    assert.deepEqual(warnings(stack({ nodes: [server("s1"), node("a"), node("b")], rollout: { maxUnavailable: 2 } })), [
      "rollout.maxUnavailable: 2 lets all 2 agents be drained at the same time; write at most 1",
    ]);
  });

  it("are enough for Longhorn's copies", () => {
    assert.deepEqual(
      warnings(
        stack({
          nodes: [server("s1", { taints: ["a:NoSchedule"] }), node("a"), node("b")],
          storage: { longhorn: { replicas: 3 } },
        }),
      ),
      [
        "storage.longhorn.replicas: 3 copies of each volume are wanted, but only 2 nodes take pods (a and b), so volumes stay degraded; write at most 2",
      ],
    );
  });
});
