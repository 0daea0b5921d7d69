import { object, type DesiredObject, type DesiredResource } from "../resources";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { isCsiDriver, type NfsSettings } from "../nfs-provisioner/settings";
import type { PinnedChart } from "../pinnedChart";
import { UNCHANGEABLE_CLASS_FIELDS, VOLUMES_LOST } from "../storageClass";
import { csiDriverNfsChecks } from "./checks";
import { csiDriverNfsValues, csiNfsStorageClass, MOUNT_OPTIONS } from "./values";

const NAMESPACE = "csi-driver-nfs";

const chart: PinnedChart = {
  repo: "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-nfs/master/charts",
  chart: "csi-driver-nfs",
  version: "4.13.4",
  // Table in the README of kubernetes-csi/csi-driver-nfs.
  compatibility: [{ series: "4", needs: "1.21" }],
};

/** Volumes on an existing NFS server, a directory each, by the driver that Kubernetes' storage group maintains. */
export const csiDriverNfs: Addon = {
  name: "csi-driver-nfs",
  path: "storage.nfs",
  installedBy: "storage.nfs.provisioner",
  isInstalled: ({ storage }) => isCsiDriver(storage.nfs),
  chart,
  namespace: NAMESPACE,
  // Its image brings the programs; the packages bring the kernel's module on distributions that split it off.
  hostPackages: ["nfs"],
  checks: csiDriverNfsChecks,
  storageClass: ({ storage: { nfs } }) =>
    isCsiDriver(nfs)
      ? { name: nfs.storageClass, isDefault: nfs.default, note: `on ${nfs.server}:${nfs.path}, by csi-driver-nfs` }
      : undefined,
  removal: VOLUMES_LOST,
  decide: ({ storage: { nfs: settings }, cluster: { protect } }) => {
    if (!isCsiDriver(settings)) return { addon: undefined };
    const { group, release } = helmAddon({
      // The other provisioner's component: so the class stays one resource, which is replaced where the provisioner changes.
      type: "groundwork:addons:NfsProvisioner",
      name: "nfs-provisioner",
      namespace: NAMESPACE,
      // It mounts in the host's own tree, for every pod.
      podSecurity: "privileged",
      chart,
      settings,
      values: csiDriverNfsValues(),
      protect,
    });
    const mountOptions = settings.mountOptions.length === 0 ? [] : [mountOptionsSecret(settings, group.resources)];
    const storageClass = object({
      name: settings.storageClass,
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      fields: { ...csiNfsStorageClass(settings, NAMESPACE) },
      after: [release, ...mountOptions],
      fixedFields: UNCHANGEABLE_CLASS_FIELDS,
    });
    return {
      addon: {
        ...group,
        resources: [...group.resources, ...mountOptions, storageClass],
        outputs: { storageClass: settings.storageClass },
      },
    };
  },
};

function mountOptionsSecret({ mountOptions }: NfsSettings, [namespace]: readonly DesiredResource[]): DesiredObject {
  return object({
    name: MOUNT_OPTIONS,
    apiVersion: "v1",
    kind: "Secret",
    fields: {
      metadata: { name: MOUNT_OPTIONS, namespace: NAMESPACE },
      stringData: { mountOptions: mountOptions.join(",") },
    },
    after: namespace === undefined ? [] : [namespace],
  });
}
