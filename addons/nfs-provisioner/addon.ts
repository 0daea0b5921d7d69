import { object } from "../resources";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import type { PinnedChart } from "../pinnedChart";
import { UNCHANGEABLE_CLASS_FIELDS, VOLUMES_LOST } from "../storageClass";
import { nfsChecks } from "./checks";
import { nfsProvisionerValues, nfsStorageClass } from "./values";

const NAMESPACE = "nfs-provisioner";

const chart: PinnedChart = {
  repo: "https://kubernetes-sigs.github.io/nfs-subdir-external-provisioner",
  chart: "nfs-subdir-external-provisioner",
  version: "4.0.18",
  // `kubeVersion` of the chart.
  compatibility: [{ series: "4.0", needs: "1.9" }],
};

/** Volumes on an existing NFS server, a directory each. */
export const nfsProvisioner: Addon = {
  name: "nfs-provisioner",
  path: "storage.nfs",
  isInstalled: ({ storage }) => storage.nfs !== undefined,
  chart,
  namespace: NAMESPACE,
  hostPackages: ["nfs"],
  checks: nfsChecks,
  storageClass: ({ storage: { nfs } }) =>
    nfs && { name: nfs.storageClass, isDefault: nfs.default, note: `on ${nfs.server}:${nfs.path}` },
  removal: VOLUMES_LOST,
  decide: ({ storage: { nfs: settings }, cluster: { protect } }) => {
    if (settings === undefined) return { addon: undefined };
    const { group, release } = helmAddon({
      type: "groundwork:addons:NfsProvisioner",
      name: "nfs-provisioner",
      namespace: NAMESPACE,
      podSecurity: "baseline",
      chart,
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
