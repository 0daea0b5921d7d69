import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Where Kubernetes objects are created, and what they live and die with. */
export interface ClusterTarget {
  /** Provider of the cluster's API. */
  readonly provider: kubernetes.Provider;
  /**
   * The resource whose deletion takes the whole cluster away: objects that would only be deleted with it are then
   * forgotten instead of waited for (a Helm release cannot be deleted when its cluster is gone, pulumi-kubernetes#2675).
   * Undefined where the cluster is not the stack's own, and stays.
   */
  readonly deletedWith: pulumi.Resource | undefined;
}
