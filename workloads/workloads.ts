export { clusterOf, type Cluster } from "./cluster";
export { WebApp, type WebAppArgs } from "./webApp";
export { StatefulApp, type StatefulAppArgs } from "./statefulApp";
export { HostNetworkDaemonSet, type HostNetworkDaemonSetArgs } from "./hostNetworkDaemonSet";
export { ScheduledJob, type ScheduledJobArgs } from "./scheduledJob";
export { WorkloadError } from "./workloadError";
export type { ClusterFacts } from "./objects/facts";
export type { IngressArgs, RouteArgs, ServiceArgs, Tls } from "./objects/entryArgs";
export type {
  Mount,
  PodArgs,
  PodToleration,
  Probe,
  Probes,
  ResilienceArgs,
  Resources,
  Security,
  Shutdown,
} from "./objects/podArgs";
export type { VolumeArgs } from "./objects/statefulApp";
export type { Later, Text } from "./objects/text";
export type { Problem } from "../config/problem";
