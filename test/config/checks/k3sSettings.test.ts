import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });

describe("k3s's own settings", () => {
  it("leave Groundwork's keys alone", () => {
    assert.deepEqual(
      errors(stack({ k3s: { server: { token: "x", "tls-san": ["a"] }, agent: { "node-label": ["a=b"] } } })),
      [
        "k3s.server.token: is written by Groundwork; set k3s.token (a secret)",
        "k3s.server.tls-san: is written by Groundwork; set k3s.tlsSans",
        "k3s.agent.node-label: is written by Groundwork; set nodes[].labels",
      ],
    );
  });

  it("hold no secrets", () => {
    assert.deepEqual(errors(stack({ k3s: { server: { "etcd-s3": true, "etcd-s3-secret-key": "x" } } })), [
      "k3s.server.etcd-s3-secret-key: is a secret, and would stand in plain text on the nodes and in the state; use etcd-s3-config-secret with a Secret in kube-system",
    ]);
  });

  it("of agents are none of servers", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1"), node("a", { k3s: { "etcd-s3": true } })],
          k3s: { agent: { "etcd-arg": ["x"] } },
        }),
      ),
      [
        "k3s.agent.etcd-arg: is a setting of servers, and an agent does not start with it; write it under k3s.server",
        "nodes[1].k3s.etcd-s3: is a setting of servers, and an agent does not start with it; write it under k3s.server",
      ],
    );
  });

  it("that concern the cluster are the same on all servers", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { k3s: { "cluster-dns": "10.43.0.10" } })] })), [
      "nodes[0].k3s.cluster-dns: must be the same on all servers, or they refuse to join; write it under k3s.server",
    ]);
  });

  it("that are unknown are warned about, with the nearest known one", () => {
    const raw = stack({ k3s: { server: { "kubelet-args": ["x"], zzz: 1 } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "k3s.server.kubelet-args: is not a k3s setting that is known here; did you mean kubelet-arg?",
      "k3s.server.zzz: is not a k3s setting that is known here; see docs.k3s.io/cli",
    ]);
  });

  it("may append to a list", () => {
    const raw = stack({ nodes: [server("s1", { k3s: { "kube-apiserver-arg+": ["audit-log-maxage=30"] } })] });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("do not configure what they leave out", () => {
    assert.deepEqual(errors(stack({ k3s: { server: { "disable-kube-proxy": true, "kube-proxy-arg": ["x"] } } })), [
      "k3s.server.kube-proxy-arg: configures kube-proxy, but disable-kube-proxy leaves it out; remove one of the two",
    ]);
  });

  it("have tokens of one word", () => {
    assert.deepEqual(errors(stack({ k3s: { token: Secret.of("two words"), agentToken: Secret.of("") } })), [
      "k3s.token: is empty, or has a space or a line break in it; set one word without spaces, or remove it to have one generated",
      "k3s.agentToken: is empty, or has a space or a line break in it; set one word without spaces, or remove it to have one generated",
    ]);
  });
});
