import * as pulumi from "@pulumi/pulumi";
import { clusterOf, HostNetworkDaemonSet } from "groundwork/workloads";

/** Prometheus' exporter on every node, the servers among them, on port 9100 of each. */
async function hostNetworkDaemonSet(): Promise<void> {
  const config = new pulumi.Config();
  new HostNetworkDaemonSet("node-exporter", {
    cluster: await clusterOf(config.require("cluster")),
    namespace: "monitoring",
    image: "quay.io/prometheus/node-exporter:v1.10.2",
    ports: { metrics: 9100 },
    resources: { cpu: "20m", memory: "64Mi" },
    probes: { readiness: { path: "/" } },
    // The image says its user by a name, of which Kubernetes cannot see that it is not root.
    security: { user: 65_534 },
    tolerations: [{ operator: "Exists" }],
  });
}

// Pulumi calls an exported function.
module.exports = hostNetworkDaemonSet;
