import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inCluster, type ClusterTarget } from "../clusterTarget";

export interface CoreDnsArgs {
  /** Name of a file to its contents, see `corednsFiles`. */
  readonly files: Record<string, string>;
  readonly target: ClusterTarget;
}

/**
 * What the stack adds to the CoreDNS that k3s brings. It survives restarts of k3s, which writes its own ConfigMap only.
 *
 * CoreDNS is not restarted for it: its `reload` plugin compares the Corefile with the imported files in it, and the
 * kubelet brings a changed ConfigMap (also one that was not there when the pod started, k3s mounts it as optional) into
 * the pod. Together that takes up to two minutes; a file that CoreDNS refuses leaves the running configuration in place,
 * where a restart would take the cluster's name resolution down with it.
 */
export class CoreDns extends pulumi.ComponentResource {
  constructor(name: string, args: CoreDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:addons:CoreDns", name, {}, opts);
    const configMap = new kubernetes.core.v1.ConfigMap(
      "coredns-custom",
      { metadata: { name: "coredns-custom", namespace: "kube-system" }, data: args.files },
      inCluster(args.target, this),
    );
    this.registerOutputs({ configMap: configMap.metadata.name });
  }
}
