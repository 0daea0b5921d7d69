import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { NfsSettings } from "../../config/settings";
import { versions } from "../../config/versions/pins";
import { inCluster, type ClusterTarget } from "../clusterTarget";
import { HelmAddon } from "./helmAddon";
import { nfsProvisionerValues, nfsStorageClass } from "./nfsProvisionerValues";

export interface NfsProvisionerArgs {
  readonly settings: NfsSettings;
  readonly target: ClusterTarget;
}

/** Volumes on an existing NFS server, a directory each. */
export class NfsProvisioner extends HelmAddon {
  readonly storageClass: kubernetes.storage.v1.StorageClass;

  constructor(name: string, args: NfsProvisionerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "groundwork:addons:NfsProvisioner",
      name,
      {
        release: "nfs-subdir-external-provisioner",
        namespace: "nfs-provisioner",
        podSecurity: "baseline",
        chart: {
          repo: "https://kubernetes-sigs.github.io/nfs-subdir-external-provisioner",
          chart: "nfs-subdir-external-provisioner",
          version: versions.nfsProvisioner,
        },
        settings: args.settings,
        values: nfsProvisionerValues(args.settings),
        holdsData: true,
        target: args.target,
      },
      opts,
    );
    // A class cannot be changed in these fields, and Helm would fail on them in the middle of an upgrade. As a resource
    // it is replaced, which harms no volume: a volume carries its own reclaim policy.
    this.storageClass = new kubernetes.storage.v1.StorageClass(
      args.settings.storageClass,
      nfsStorageClass(args.settings),
      inCluster(args.target, this, {
        dependsOn: [this.release],
        replaceOnChanges: ["reclaimPolicy", "volumeBindingMode"],
        deleteBeforeReplace: true,
      }),
    );
    this.registerOutputs({ storageClass: this.storageClass.metadata.name });
  }
}
