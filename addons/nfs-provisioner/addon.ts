import { object } from "../resources";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import type { PinnedChart } from "../pinnedChart";
import { UNCHANGEABLE_CLASS_FIELDS } from "../storageClass";
import { nfsChecks } from "./checks";
import { isCsiDriver, type NfsSettings } from "./settings";
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
  installedBy: "storage.nfs.provisioner",
  isInstalled: ({ storage }) => isSubdir(storage.nfs),
  chart,
  namespace: NAMESPACE,
  hostPackages: ["nfs"],
  decidedValues: { "nfs.server": "server", "nfs.path": "path" },
  checks: nfsChecks,
  storageClass: ({ storage: { nfs } }) =>
    isSubdir(nfs)
      ? { name: nfs.storageClass, isDefault: nfs.default, note: `on ${nfs.server}:${nfs.path}` }
      : undefined,
  // A volume is mounted by the kubelet itself.
  removal: {
    happens: "volumes that it made go on, and nobody deletes the directory of one that is deleted",
    remedy: "delete by hand what is no longer needed on the NFS server",
  },
  decide: ({ storage: { nfs: settings }, cluster: { protect } }) => {
    if (!isSubdir(settings)) return { addon: undefined };
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

function isSubdir(nfs: NfsSettings | undefined): nfs is NfsSettings {
  return nfs !== undefined && !isCsiDriver(nfs);
}
