import { versions } from "../../config/versions/pins";
import { object } from "../resources";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { UNCHANGEABLE_CLASS_FIELDS } from "../storageClass";
import { nfsProvisionerValues, nfsStorageClass } from "./values";

/** Volumes on an existing NFS server, a directory each. */
export const nfsProvisioner: Addon = {
  name: "nfs-provisioner",
  decide: ({ storage: { nfs: settings }, cluster: { protect } }) => {
    if (settings === undefined) return { addon: undefined };
    const chart = "nfs-subdir-external-provisioner";
    const { group, release } = helmAddon({
      type: "groundwork:addons:NfsProvisioner",
      name: "nfs-provisioner",
      release: chart,
      namespace: "nfs-provisioner",
      podSecurity: "baseline",
      chart: {
        repo: "https://kubernetes-sigs.github.io/nfs-subdir-external-provisioner",
        chart,
        version: versions.nfsProvisioner,
      },
      settings,
      values: nfsProvisionerValues(settings),
      protect,
    });
    // Helm would fail on the fields that cannot change in the middle of an upgrade. As a resource the class is
    // replaced, which harms no volume: a volume carries its own reclaim policy.
    const storageClass = object({
      name: settings.storageClass,
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      fields: { ...nfsStorageClass(settings) },
      after: [release],
      fixedFields: UNCHANGEABLE_CLASS_FIELDS,
    });
    return {
      addon: {
        ...group,
        resources: [...group.resources, storageClass],
        outputs: { storageClass: settings.storageClass },
      },
    };
  },
};
