/** A StorageClass that an add-on brings. */
export interface AddonClass {
  readonly name: string;
  /** Whether it is the cluster's default one; undefined: where no other class is. */
  readonly isDefault: boolean | undefined;
  /** What is shown after its name: `on 10.0.0.5:/export`. */
  readonly note?: string;
}

/** A StorageClass as `kubectl get -o yaml` shows it, without its apiVersion and kind. */
export type StorageClassFields = {
  readonly metadata: { readonly name: string; readonly annotations: Record<string, string> };
  readonly provisioner: string;
  readonly parameters?: Record<string, string>;
  readonly reclaimPolicy: string;
  readonly volumeBindingMode: string;
  readonly allowVolumeExpansion?: boolean;
  readonly mountOptions?: string[];
};

/** Name of the class of volumes in a directory of one node, in k3s as here. */
export const LOCAL_PATH_CLASS = "local-path";

/** What Kubernetes does not let anybody change in a class. */
export const UNCHANGEABLE_CLASS_FIELDS = ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"];

/** What is lost with the release that makes volumes. */
export const VOLUMES_LOST = {
  happens: "volumes that it made can no longer be used",
  remedy: "move the data to another StorageClass first",
};

/** The annotation by which Kubernetes knows the default class; said in both cases, so that a preview shows the choice. */
export function defaultClassAnnotation(isDefault: boolean): Record<string, string> {
  return { "storageclass.kubernetes.io/is-default-class": String(isDefault) };
}
