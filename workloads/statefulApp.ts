import * as pulumi from "@pulumi/pulumi";
import { readStatefulApp, statefulAppObjects, type StatefulAppSettings } from "./objects/statefulApp";
import { gated, refuseProblems, settingsIn, Workload, type InCluster } from "./workload";

/** What a {@link StatefulApp} is to be. Outputs may stand wherever `Text` does. */
export interface StatefulAppArgs extends StatefulAppSettings, InCluster {}

/**
 * An application with data of its own: a StatefulSet whose pods have a volume each, and the headless Service that names
 * them. The claims stay when pods, or the StatefulSet, go. A pod whose node is dead is not replaced before Kubernetes knows
 * that it has ended: that is what keeps two pods from writing to one volume.
 *
 * @example
 * ```ts
 * new StatefulApp("orders", {
 *   cluster,
 *   namespace: "shop",
 *   image: "docker.io/library/postgres:18.1",
 *   ports: { postgres: 5432 },
 *   resources: { cpu: "250m", memory: "1Gi" },
 *   probes: { readiness: { command: ["pg_isready"] } },
 *   security: { user: 999, group: 999 },
 *   secretEnv: { POSTGRES_PASSWORD: config.requireSecret("ordersPassword") },
 *   volumes: { data: { path: "/var/lib/postgresql", size: "20Gi" } },
 * });
 * ```
 */
export class StatefulApp extends Workload {
  /** The name within the cluster that all its pods answer to: `orders.shop.svc`. The first pod's is `orders-0.orders.shop.svc`. */
  readonly internalName: pulumi.Output<string>;

  /** @throws WorkloadError with everything that is wrong with the arguments, before anything is created */
  constructor(name: string, args: StatefulAppArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { app, problems } = readStatefulApp(name, settingsIn(args), args.cluster?.facts ?? {});
    const what = `StatefulApp '${name}'`;
    refuseProblems(what, problems);
    super("StatefulApp", name, app, args.cluster, options);
    this.create(statefulAppObjects(name, gated(what, app), this.createSecretEnv(app)));
    this.internalName = pulumi.interpolate`${name}.${this.namespace}.svc`;
    this.registerOutputs({ internalName: this.internalName });
  }
}
