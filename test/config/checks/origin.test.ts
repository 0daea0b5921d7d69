import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, node, warnings } from "../fixtures";

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: home
contexts: [{ name: home, context: { cluster: home, user: home } }]
clusters: [{ name: home, cluster: { server: "https://192.0.2.1:6443" } }]
users: [{ name: home, user: {} }]
`;

describe("where a cluster comes from", () => {
  const existing = (text: string, more: object = {}): Record<string, unknown> => ({
    cluster: { kubeconfig: Secret.of(text) },
    ...more,
  });

  it("may be a kubeconfig, or k3d, and then nothing of machines is needed", () => {
    for (const raw of [existing(KUBECONFIG), { cluster: { k3d: {} } }]) {
      assert.deepEqual(errors(raw), []);
      assert.deepEqual(warnings(raw), []);
    }
  });

  it("is one place", () => {
    const nodes = [node("s1", { role: "server" })];
    const raw = { ...existing(KUBECONFIG), nodes, ssh: { privateKey: Secret.sealed() } };
    assert.equal(
      errors(raw)[0],
      "cluster.kubeconfig: is set, and so is nodes; a cluster comes from one place; keep 'nodes' for machines of your own, cluster.k3d for containers on this machine, or cluster.kubeconfig for a cluster that is there",
    );
  });

  it("is a kubeconfig that leads somewhere", () => {
    const remedy =
      "set it with: kubectl config view --minify --flatten | pulumi config set --secret --path 'groundwork:cluster.kubeconfig'";
    const problem = (text: string): string => errors(existing(text)).join("\n");
    assert.equal(problem("a: ["), `cluster.kubeconfig: is not valid YAML; ${remedy}`);
    assert.equal(problem("hello"), `cluster.kubeconfig: is not a kubeconfig; ${remedy}`);
    assert.equal(
      problem(KUBECONFIG.replace("current-context: home\n", "")),
      `cluster.kubeconfig: has no current-context; ${remedy}`,
    );
    assert.equal(
      problem(KUBECONFIG.replace("current-context: home", "current-context: away")),
      `cluster.kubeconfig: has no context 'away'; ${remedy}`,
    );
    assert.equal(
      problem(KUBECONFIG.replace("clusters: [{ name: home", "clusters: [{ name: work")),
      `cluster.kubeconfig: has no cluster 'home' with a server; ${remedy}`,
    );
    assert.equal(problem("SECRET-CANARY: [").includes("CANARY"), false);
  });

  it("refuses what would have no effect, all of it at once", () => {
    assert.deepEqual(
      errors(
        existing(KUBECONFIG, {
          k3s: { disable: ["traefik"] },
          network: { interface: "wg0" },
          dns: { upstream: ["192.0.2.53"] },
        }),
      ),
      ["k3s.disable", "network.interface", "dns.upstream"].map(
        (path) => `${path}: has no effect: this cluster is not made by the stack (cluster.kubeconfig); take it out`,
      ),
    );
    assert.deepEqual(
      errors({
        cluster: { k3d: {}, apiAddress: "k3s.example.org" },
        k3s: { disable: ["traefik"], swapOff: true },
        rollout: { drain: "never" },
        dns: { upstream: ["192.0.2.53"] },
      }),
      ["rollout.drain", "k3s.swapOff", "cluster.apiAddress"].map(
        (path) => `${path}: has no effect: k3d makes this cluster; take it out`,
      ),
    );
  });

  it("refuses a published port that k3d could not read", () => {
    assert.deepEqual(errors({ cluster: { k3d: { ports: ["8080:80"] } } }), [
      'cluster.k3d.ports[0]: "8080:80" is not a published port; write one like 8080:80@loadbalancer',
    ]);
  });
});
