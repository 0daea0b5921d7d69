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

/** What Kubernetes does not let anybody change in a class. */
export const UNCHANGEABLE_CLASS_FIELDS = ["reclaimPolicy", "volumeBindingMode"];

/** The annotation by which Kubernetes knows the default class; said in both cases, so that a preview shows the choice. */
export function defaultClassAnnotation(isDefault: boolean): Record<string, string> {
  return { "storageclass.kubernetes.io/is-default-class": String(isDefault) };
}
