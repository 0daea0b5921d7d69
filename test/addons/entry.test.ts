import * as assert from "node:assert/strict";
import type { ShownByPods } from "../../addons/entry";
import { desiredCluster } from "../../desired/cluster";
import { addressesOf, nodesOf, type EntryPod } from "../../operate/entry";
import { errors, node, settingsFrom, stack, warnings } from "../config/fixtures";

const ports = { http: 30080, https: 30443 };
const daemonSet = { kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" };
const nodePort = { serviceType: "NodePort", nodePorts: ports };
const ARCHIVED = "; archived, no further releases: docs/ingress.md has the way over";
const TAINT = "node-role.kubernetes.io/control-plane:NoSchedule";

const nodes = [
  node("s1", { role: "server", address: "10.0.0.11", taints: [TAINT] }),
  node("a1", { address: "10.0.0.21", labels: { edge: "yes" } }),
  node("a2", { address: "10.0.0.22", externalIp: "198.51.100.22" }),
];

function raw(ingress: object, of: object[] = nodes): Record<string, unknown> {
  return {
    nodes: of,
    ingress: { controller: "ingress-nginx", version: "9.9.9", ...ingress },
    k3s: { disable: ["traefik"] },
  };
}

function entry(ingress: object, of?: object[]): string {
  const { outputs, entry: decided } = desiredCluster(settingsFrom(raw(ingress, of)), "p");
  assert.equal(outputs.ingress, decided?.text);
  return outputs.ingress;
}

function summary(ingress: object): string | undefined {
  return desiredCluster(settingsFrom(raw(ingress)), "p").summary.find(({ label }) => label === "ingress")?.text;
}

describe("the entry of the ingress", () => {
  it("is on the nodes whose taints let a controller in", () => {
    assert.equal(entry(daemonSet), "ports 80 and 443 of 10.0.0.21, 198.51.100.22");
    assert.equal(summary(daemonSet), `ingress-nginx 9.9.9, on 2 of 3 nodes, host ports 80 and 443${ARCHIVED}`);
    const tolerations = [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }];
    const all = "ports 80 and 443 of 10.0.0.11, 10.0.0.21, 198.51.100.22";
    assert.equal(entry({ ...daemonSet, tolerations }), all);
    assert.equal(entry({ ...daemonSet, tolerations: [{ operator: "Exists" }] }), all);
    assert.equal(entry({ ...daemonSet, values: { controller: { tolerations } } }), all);
    const other = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoExecute", operator: "Exists" }];
    assert.equal(entry({ ...daemonSet, tolerations: other }), "ports 80 and 443 of 10.0.0.21, 198.51.100.22");
  });

  it("is on the nodes that the values select, as far as the stack knows their labels", () => {
    const on = (nodeSelector: object): string => entry({ ...daemonSet, values: { controller: { nodeSelector } } });
    assert.equal(on({ edge: "yes" }), "ports 80 and 443 of 10.0.0.21");
    assert.equal(on({ "kubernetes.io/hostname": "a2" }), "ports 80 and 443 of 198.51.100.22");
    assert.equal(
      on({ "kubernetes.io/arch": "arm64" }),
      "ports 80 and 443 of those nodes among 10.0.0.21, 198.51.100.22 that run a controller: kubectl get pods -n ingress-nginx -o wide",
    );
  });

  it("is every node of a node port with the policy Cluster, and with Local those with a controller", () => {
    const all = "ports 30080 and 30443 of 10.0.0.11, 10.0.0.21, 198.51.100.22";
    assert.equal(entry({ ...nodePort, externalTrafficPolicy: "Cluster" }), all);
    assert.equal(
      entry(nodePort),
      "ports 30080 and 30443 of those nodes among 10.0.0.21, 198.51.100.22 that run a controller: kubectl get pods -n ingress-nginx -o wide",
    );
    assert.equal(
      summary(nodePort),
      `ingress-nginx 9.9.9, 1 controller, NodePort 30080 and 30443, at most 1 of 3 nodes answers${ARCHIVED}`,
    );
    assert.equal(entry({ ...nodePort, kind: "DaemonSet" }), "ports 30080 and 30443 of 10.0.0.21, 198.51.100.22");
    assert.equal(
      entry({ ...nodePort, values: { controller: { service: { externalTrafficPolicy: "Cluster" } } } }),
      all,
    );
    assert.equal(entry(nodePort, nodes.slice(0, 2)), "ports 30080 and 30443 of 10.0.0.21");
  });

  it("is somewhere", () => {
    const line =
      "ingress.tolerations: tolerate no node's taints, so no controller can run; write them for at least one node, e.g. tolerations: [{ key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule }]";
    assert.deepEqual(errors(stack(raw(daemonSet, nodes.slice(0, 1)))), [line]);
    const selecting = stack(raw({ ...daemonSet, values: { controller: { nodeSelector: { edge: "no" } } } }));
    assert.deepEqual(errors(selecting), []);
    assert.deepEqual(warnings(selecting), [
      "ingress.values.controller.nodeSelector: fits no node by the labels of nodes[].labels, so no controller runs until a node is labelled by hand; write the labels in nodes[].labels",
    ]);
  });

  it("has tolerations that Kubernetes takes", () => {
    const tolerations = [{ value: "x" }, { key: "a", operator: "Exists", value: "x" }];
    assert.deepEqual(errors(stack(raw({ ...daemonSet, tolerations }))), [
      "ingress.tolerations[0].key: is missing, and operator is not Exists; write the taint's key, or operator: Exists",
      'ingress.tolerations[1].value: "x" has no effect with operator: Exists; write operator: Equal, or remove it',
    ]);
  });
});

describe("the entry as the cluster tells it", () => {
  const given: ShownByPods = { is: "pods", namespace: "ingress-nginx", labels: {}, ports: "ports 80 and 443" };
  const pod = (nodeName: string, ready: string, more: object = {}): EntryPod => ({
    metadata: { name: `controller-${nodeName}`, ...more },
    spec: { nodeName },
    status: { conditions: [{ type: "Ready", status: ready }] },
  });
  const addresses = new Map([
    ["s1", "10.0.0.11"],
    ["a1", "10.0.0.21"],
    ["a2", "198.51.100.22"],
  ]);

  it("is the nodes with a controller that is Ready and stays", () => {
    const pods = [pod("a2", "True"), pod("a1", "False"), pod("s1", "True", { deletionTimestamp: "now" })];
    assert.equal(nodesOf(given, pods, addresses), "ports 80 and 443 of 198.51.100.22");
    assert.equal(nodesOf(given, [pod("a1", "False")], addresses), "nowhere: no controller is Ready (of 1)");
  });

  it("is what the load balancer gave", () => {
    const service = (ingress: { ip?: string; hostname?: string }[]): Parameters<typeof addressesOf>[0] => [
      { metadata: { name: "ingress-nginx-controller" }, status: { loadBalancer: { ingress } } },
    ];
    assert.equal(
      addressesOf(service([{ ip: "10.0.0.60" }, { hostname: "lb.example.org" }])),
      "10.0.0.60, lb.example.org",
    );
    assert.equal(addressesOf(service([])), "nowhere: the controller's service has no address yet");
    assert.equal(addressesOf([]), "nowhere: the controller's service is not there");
  });
});
