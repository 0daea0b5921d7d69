import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DesiredOnK3d } from "../desired/cluster";
import type { ClusterTarget } from "./clusterTarget";

/** A cluster in containers on this machine, made by k3d's own command. */
export class K3dCluster extends pulumi.ComponentResource {
  /** Kubeconfig for people and for the provider; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly target: ClusterTarget;

  constructor(name: string, { k3d, protect }: DesiredOnK3d) {
    super("groundwork:k3d:Cluster", name);
    const cluster = new command.local.Command(
      "k3d",
      {
        create: k3d.create,
        delete: k3d.delete,
        stdin: k3d.config,
        addPreviousOutputInEnv: false,
        triggers: [k3d.digest],
      },
      // The new one has the name of the old one.
      { parent: this, deleteBeforeReplace: true, protect },
    );
    const read = new command.local.Command(
      "kubeconfig",
      { create: k3d.kubeconfig, logging: "none", addPreviousOutputInEnv: false, triggers: [k3d.digest] },
      { parent: this, dependsOn: [cluster], additionalSecretOutputs: ["stdout"], deletedWith: cluster },
    );
    this.kubeconfig = pulumi.secret(read.stdout);
    const provider = new kubernetes.Provider(
      "k8s",
      {
        kubeconfig: this.kubeconfig,
        // Another cluster: what was in the one before went with it.
        clusterIdentifier: k3d.digest,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this, dependsOn: [cluster] },
    );
    this.target = { provider, deletedWith: cluster };
    this.registerOutputs({});
  }
}
