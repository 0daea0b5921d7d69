import * as assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("versions", () => {
  it("with the flannel fix are asked for on a VPN interface", () => {
    const raw = stack({ network: { interface: "wg0" }, k3s: { version: "v1.34.8+k3s1" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "k3s.version: v1.34.8+k3s1 loses the pod network when the interface of s1 is re-created (k3s-io/k3s#12436); write v1.34.9+k3s1 or newer",
    ]);
  });

  it("before 1.33 never got the flannel fix", () => {
    const raw = stack({ network: { interface: "wg0" }, k3s: { version: "v1.31.1+k3s1" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "k3s.version: v1.31.1+k3s1 loses the pod network when the interface of s1 is re-created (k3s-io/k3s#12436); write v1.33.13+k3s1 or newer",
    ]);
  });

  it("with the flannel fix are fine", () => {
    const raw = stack({ network: { interface: "wg0" }, k3s: { version: "v1.34.9+k3s1" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("of agents are not newer than the servers'", () => {
    assert.deepEqual(
      errors(
        stack({ nodes: [server("s1"), node("a", { k3sVersion: "v1.36.4+k3s1" })], k3s: { version: "v1.35.6+k3s1" } }),
      ),
      ["nodes[1].k3sVersion: v1.36.4+k3s1 of agent a is newer than v1.35.6+k3s1 of server s1; raise the servers first"],
    );
  });

  it("of agents are at most three minor releases older", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1"), node("a", { k3sVersion: "v1.32.4+k3s1" })] })), [
      "nodes[1].k3sVersion: v1.32.4+k3s1 of agent a is more than three minor releases older than v1.36.4+k3s1 of server s1; raise the agent first",
    ]);
  });

  it("of servers are at most one minor release apart", () => {
    assert.deepEqual(
      errors(stack({ nodes: [server("s1", { k3sVersion: "v1.34.9+k3s1" }), server("s2"), server("s3")] })),
      [
        "nodes[2].k3sVersion: v1.36.4+k3s1 is more than one minor release newer than v1.34.9+k3s1 of server s1; raise the servers one minor release at a time",
      ],
    );
  });

  it("of charts are refused on a Kubernetes that is too old", () => {
    assert.deepEqual(errors(stack({ storage: { longhorn: {} }, k3s: { version: "v1.33.13+k3s1" } })), [
      "storage.longhorn.version: longhorn 1.11.3 needs Kubernetes 1.34 or newer, and the cluster has 1.33; write an older version of the chart, or a newer k3s.version",
    ]);
  });

  it("of charts are warned about on a Kubernetes that they were not tested with", () => {
    const raw = stack({ certificates: { certManager: true, version: "v1.20.0" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "certificates.version: cert-manager v1.20.0 is tested with Kubernetes 1.32 to 1.35, and the cluster has 1.36; write a version that is, or try it on a stack that may break",
    ]);
  });

  it("of ingress-nginx end before Kubernetes 1.36", () => {
    const raw = stack({ ingress: { controller: "ingress-nginx" }, k3s: { disable: ["traefik"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "ingress.version: ingress-nginx 4.15.1 is tested with Kubernetes 1.31 to 1.35, and the cluster has 1.36; it is likely to work; try it on a stack that may break",
    ]);
  });

  it("that nothing is known of are not judged", () => {
    const raw = stack({ storage: { longhorn: { version: "9.9.9" } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("of charts by somebody else are not judged", () => {
    const raw = stack({ certificates: { certManager: true, version: "v1.20.0", chart: "./charts/cert-manager" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("are new enough to tell etcd's voters", () => {
    const of = (version: string): string[] =>
      errors(stack({ k3s: { version } })).filter((line) => line.includes("too old"));
    assert.deepEqual(of("v1.28.3+k3s2"), [
      "k3s.version: v1.28.3+k3s2 is too old: its servers do not say when etcd counts them as voters; write v1.28.4+k3s1 or newer",
    ]);
    assert.match(of("v1.21.3+k3s1").join(), /write v1\.25\.16\+k3s1 or newer/);
    assert.deepEqual(
      ["v1.25.16+k3s1", "v1.26.11+k3s1", "v1.27.8+k3s1", "v1.28.4+k3s1", "v1.29.0+k3s1"].flatMap(of),
      [],
    );
    const nodes = [node("s1", { role: "server" }), node("a1", { k3sVersion: "v1.27.7+k3s1" })];
    assert.deepEqual(
      errors(stack({ nodes, k3s: { version: "v1.28.4+k3s1" } })).filter((line) => line.includes("too old")),
      [
        "nodes[1].k3sVersion: v1.27.7+k3s1 is too old: its servers do not say when etcd counts them as voters; write v1.27.8+k3s1 or newer",
      ],
    );
  });

  it("come with a sum over an unprotected connection", () => {
    const mirror = "http://mirror.example.org/k3s";
    const k3s = { mirror, version: "v1.35.6+k3s1" };
    const sum = { amd64: "a".repeat(64) };
    assert.match(errors(stack({ k3s })).join(), /^k3s\.sha256: is missing, and k3s\.mirror is http:\/\//);
    assert.deepEqual(errors(stack({ k3s: { ...k3s, sha256: sum } })), []);
    assert.deepEqual(errors(stack({ k3s: { ...k3s, mirror: "https://mirror.example.org/k3s" } })), []);
    assert.deepEqual(errors(stack({ k3s: { mirror } })), [], "the pinned version has one");
    const nodes = [node("s1", { role: "server" }), node("a1", { k3sVersion: "v1.35.5+k3s1" })];
    assert.match(
      errors(stack({ nodes, k3s: { ...k3s, sha256: sum } })).join(),
      /^nodes\[1\]\.k3sVersion: k3s\.mirror is http:\/\/, and no SHA-256 of v1\.35\.5/,
    );
  });
});
