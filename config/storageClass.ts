import type { Settings } from "./settings";

/** Name of the class that Longhorn's chart makes; the chart has no value for it. */
export const LONGHORN_CLASS = "longhorn";
/** Name of the class of volumes in a directory of one node, in k3s as here. */
export const LOCAL_PATH_CLASS = "local-path";

/** Who brings the local-path class: k3s itself, this program, or nobody. */
export type LocalPathSource = "k3s" | "groundwork" | "none";

type StorageClassSettings = Pick<Settings, "storage"> & { readonly k3s: Pick<Settings["k3s"], "disable"> };

/**
 * Who brings the local-path class.
 *
 * k3s makes its own class the default, and writes that again at every start (its deploy controller applies
 * local-storage.yaml anew; k3s#3441, #4083, #11936). An annotation that is taken away comes back with the next restart
 * of a server, so a class that is not the default cannot be k3s's: then `local-storage` is disabled in k3s, and the
 * same provisioner, under the same name and on the same directory, is installed from here.
 */
export function localPathSource(settings: StorageClassSettings): LocalPathSource {
  const { localPath } = settings.storage;
  const disabled = settings.k3s.disable.includes("local-storage");
  if (disabled) return localPath === undefined ? "none" : "groundwork";
  return localPathIsDefault(settings) ? "k3s" : "groundwork";
}

/** Packaged components that k3s leaves out: those of `k3s.disable`, and local-storage where it comes from here. Sorted. */
export function disabledComponents(settings: StorageClassSettings): string[] {
  const localStorage = localPathSource(settings) === "k3s" ? [] : ["local-storage"];
  return [...new Set([...settings.k3s.disable, ...localStorage])].sort();
}

/** Whether local-path is the default class: where it is asked for, or it is there and no other class is the default. */
export function localPathIsDefault(settings: StorageClassSettings): boolean {
  const { localPath, nfs, longhorn } = settings.storage;
  if (nfs?.default === true || longhorn?.default === true) return false;
  return localPath?.default ?? (localPath !== undefined || !settings.k3s.disable.includes("local-storage"));
}

/** Name of the cluster's default StorageClass, or undefined where there is none. */
export function defaultStorageClass(settings: StorageClassSettings): string | undefined {
  const { nfs, longhorn } = settings.storage;
  if (longhorn?.default === true) return LONGHORN_CLASS;
  if (nfs?.default === true) return nfs.storageClass;
  return localPathSource(settings) !== "none" && localPathIsDefault(settings) ? LOCAL_PATH_CLASS : undefined;
}
