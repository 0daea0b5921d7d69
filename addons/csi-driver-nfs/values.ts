import type { NfsSettings } from "../nfs-provisioner/settings";
import type { HelmValues } from "../mergeValues";
import { defaultClassAnnotation, type StorageClassFields } from "../storageClass";

/** Name of the driver, which volumes remember: never changed. */
export const NFS_DRIVER = "nfs.csi.k8s.io";
/** The Secret that tells the driver how to mount where it deletes a directory: a request to delete names no options. */
export const MOUNT_OPTIONS = "nfs-mount-options";
/** As the other provisioner names them, so that a person who looks into the export finds what they know. */
const DIRECTORY = "${pvc.metadata.namespace}-${pvc.metadata.name}-${pv.metadata.name}";

/** Values of csi-driver-nfs 4.13.4. */
export function csiDriverNfsValues(): HelmValues {
  return {
    driver: { name: NFS_DRIVER },
    // The class is a resource of this program (see csiNfsStorageClass).
    storageClass: { create: false },
    // k3s brings no definitions of snapshots, without which the snapshotter ends again and again.
    controller: { enableSnapshotter: false },
    externalSnapshotter: { enabled: false },
  };
}

/** The class of its volumes: many pods may write to one. `namespace` is where the driver and its Secret are. */
export function csiNfsStorageClass(settings: NfsSettings, namespace: string): StorageClassFields {
  const { mountOptions } = settings;
  const secret = "csi.storage.k8s.io/provisioner-secret";
  return {
    metadata: { name: settings.storageClass, annotations: defaultClassAnnotation(settings.default) },
    provisioner: NFS_DRIVER,
    parameters: {
      server: settings.server,
      share: settings.path,
      subDir: DIRECTORY,
      onDelete: settings.archiveOnDelete ? "archive" : "delete",
      ...(mountOptions.length > 0 ? { [`${secret}-name`]: MOUNT_OPTIONS, [`${secret}-namespace`]: namespace } : {}),
    },
    reclaimPolicy: settings.reclaimPolicy,
    volumeBindingMode: "Immediate",
    allowVolumeExpansion: true,
    ...(mountOptions.length > 0 ? { mountOptions } : {}),
  };
}
