import * as assert from "node:assert/strict";
import { problemLine } from "../../config/problem";
import {
  hostNetworkDaemonSetObjects,
  readHostNetworkDaemonSet,
  type HostNetworkDaemonSetSettings,
} from "../../workloads/objects/hostNetworkDaemonSet";
import { objectOf, pod, podOf } from "./arguments";

const least: HostNetworkDaemonSetSettings = { ...pod, ports: { metrics: 9100 }, probes: { readiness: { path: "/" } } };
const read = (more: object): ReturnType<typeof readHostNetworkDaemonSet> =>
  readHostNetworkDaemonSet("exporter", { ...least, ...more }, {});

describe("a DaemonSet in the nodes' network", () => {
  it("takes the node's network and ports, and finds services by name", () => {
    const { app, problems } = read({ tolerations: [{ operator: "Exists" }], priorityClass: "system-node-critical" });
    assert.deepEqual(problems, []);
    const all = hostNetworkDaemonSetObjects("exporter", app);
    const spec = podOf(all);
    assert.deepEqual([spec.hostNetwork, spec.dnsPolicy], [true, "ClusterFirstWithHostNet"]);
    assert.deepEqual(spec.containers[0].ports, [
      { name: "metrics", containerPort: 9100, protocol: "TCP", hostPort: 9100 },
    ]);
    assert.deepEqual(spec.tolerations, [{ operator: "Exists" }], "Kubernetes adds those of a DaemonSet itself");
    assert.equal(spec.priorityClassName, "system-node-critical");
    assert.equal(objectOf(all, "DaemonSet").spec.updateStrategy.rollingUpdate.maxUnavailable, 1);
  });

  for (const [what, given, expected] of [
    ["a port of k3s", { ports: { a: 10_250 } }, "ports.a: 10250 is taken by the kubelet; write another"],
    [
      "a probe without a port",
      { ports: {}, probes: { readiness: { tcp: true } } },
      "probes.readiness.port: is missing",
    ],
    ["a share that is none", { maxUnavailable: "0%" }, 'maxUnavailable: "0%" is neither a number of nodes nor a share'],
    ["what is of other workloads", { replicas: 2 }, "replicas: is not an argument"],
  ] as const) {
    it(`refuses ${what}`, () => {
      const said = read(given).problems.map(problemLine);
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.startsWith(expected), said[0]);
    });
  }

  it("needs no port", () => {
    assert.deepEqual(read({ ports: {}, probes: { readiness: { tcp: true, port: 53 } } }).problems, []);
  });
});
