import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DesiredOnExisting } from "../desired/cluster";
import type { ClusterTarget } from "./clusterTarget";

/** A cluster that somebody else made: only what is in it is this stack's. */
export class ExistingCluster extends pulumi.ComponentResource {
  /** The kubeconfig that was given; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly target: ClusterTarget;

  constructor(name: string, desired: DesiredOnExisting) {
    super("groundwork:existing:Cluster", name);
    this.kubeconfig = pulumi.secret(desired.kubeconfig.reveal());
    // By the cluster's own authority: a renewed certificate or another address of it replaces nothing.
    const provider = new kubernetes.Provider(
      "k8s",
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: desired.identifier,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this },
    );
    this.target = { provider, deletedWith: undefined };
    this.registerOutputs({});
  }
}
