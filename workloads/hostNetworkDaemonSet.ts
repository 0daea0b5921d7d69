import type * as pulumi from "@pulumi/pulumi";
import {
  hostNetworkDaemonSetObjects,
  readHostNetworkDaemonSet,
  type HostNetworkDaemonSetSettings,
} from "./objects/hostNetworkDaemonSet";
import { gated, refuseProblems, settingsIn, Workload, type InCluster } from "./workload";

/** What a {@link HostNetworkDaemonSet} is to be. Outputs may stand wherever `Text` does. */
export interface HostNetworkDaemonSetArgs extends HostNetworkDaemonSetSettings, InCluster {}

/**
 * What runs on every node, in the node's own network: an exporter of metrics, a resolver. Tainted nodes take part where
 * `tolerations` say so. Its namespace must have the Pod Security level `privileged`, for no other lets a pod into the
 * node's network.
 *
 * @example
 * ```ts
 * new HostNetworkDaemonSet("node-exporter", {
 *   cluster,
 *   namespace: "monitoring",
 *   image: "quay.io/prometheus/node-exporter:v1.10.2",
 *   ports: { metrics: 9100 },
 *   resources: { cpu: "20m", memory: "64Mi" },
 *   probes: { readiness: { path: "/" } },
 *   security: { user: 65534 },
 *   tolerations: [{ operator: "Exists" }],
 * });
 * ```
 */
export class HostNetworkDaemonSet extends Workload {
  /** @throws WorkloadError with everything that is wrong with the arguments, before anything is created */
  constructor(name: string, args: HostNetworkDaemonSetArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { app, problems } = readHostNetworkDaemonSet(name, settingsIn(args), args.cluster?.facts ?? {});
    const what = `HostNetworkDaemonSet '${name}'`;
    refuseProblems(what, problems);
    super("HostNetworkDaemonSet", name, app, args.cluster, options);
    this.create(hostNetworkDaemonSetObjects(name, gated(what, app), this.createSecretEnv(app)));
    this.registerOutputs({});
  }
}
