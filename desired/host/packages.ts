import type { Settings } from "../../config/settings";

/** Longhorn needs iSCSI for its volumes, and NFS for those that many pods write to (https://longhorn.io/docs, installation requirements). */
export function packagesOf({ storage: { nfs, longhorn } }: Settings): string[] {
  return [
    ...(longhorn === undefined ? [] : ["iscsi"]),
    ...(nfs === undefined && longhorn === undefined ? [] : ["nfs"]),
  ];
}
