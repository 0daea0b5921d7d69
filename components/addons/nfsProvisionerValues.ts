import type { NfsSettings } from "../../config/settings";
import type { HelmValues } from "./mergeValues";

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

/** A StorageClass as `kubectl get -o yaml` shows it. */
export interface StorageClassObject {
  readonly metadata: { readonly name: string; readonly annotations: Record<string, string> };
  readonly provisioner: string;
  readonly parameters?: Record<string, string>;
  readonly reclaimPolicy: string;
  readonly volumeBindingMode: string;
  readonly allowVolumeExpansion?: boolean;
  readonly mountOptions?: string[];
}

/** The annotation by which Kubernetes knows the default class; said in both cases, so that a preview shows the choice. */
export function defaultClassAnnotation(isDefault: boolean): Record<string, string> {
  return { "storageclass.kubernetes.io/is-default-class": String(isDefault) };
}

/** The class of NFS volumes: many pods may write to one. */
export function nfsStorageClass(settings: NfsSettings): StorageClassObject {
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
