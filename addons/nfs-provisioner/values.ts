import type { NfsSettings } from "./settings";
import type { HelmValues } from "../mergeValues";
import { defaultClassAnnotation, type StorageClassFields } from "../storageClass";

/** Name of the provisioner, which volumes remember: never changed. */
export const NFS_PROVISIONER = "cluster.local/nfs-subdir-external-provisioner";

/** Values of nfs-subdir-external-provisioner 4.0.18. */
export function nfsProvisionerValues(settings: Pick<NfsSettings, "server" | "path" | "mountOptions">): HelmValues {
  return {
    nfs: {
      server: settings.server,
      path: settings.path,
      ...(settings.mountOptions.length > 0 ? { mountOptions: settings.mountOptions } : {}),
    },
    // The class is a resource of this program (see nfsStorageClass).
    storageClass: { create: false, provisionerName: NFS_PROVISIONER },
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
  };
}

/** The class of NFS volumes: many pods may write to one. */
export function nfsStorageClass(settings: NfsSettings): StorageClassFields {
  return {
    metadata: { name: settings.storageClass, annotations: defaultClassAnnotation(settings.default) },
    provisioner: NFS_PROVISIONER,
    parameters: { archiveOnDelete: String(settings.archiveOnDelete) },
    reclaimPolicy: settings.reclaimPolicy,
    volumeBindingMode: "Immediate",
    allowVolumeExpansion: true,
    ...(settings.mountOptions.length > 0 ? { mountOptions: settings.mountOptions } : {}),
  };
}
