import { originOf } from "../../config/origin";
import type { Settings } from "../../config/settings";
import type { Addon } from "../addon";
import { LOCAL_PATH_CLASS, type AddonClass } from "../storageClass";
import { defaultStorageClass } from "../storageClasses";

/** Who brings the local-path class: k3s itself, this program, or nobody. */
export type LocalPathSource = "k3s" | "groundwork" | "none";

/** The class, unless k3s leaves its own out and the stack asks for none. */
export function localPathClaim({ cluster, k3s, storage: { localPath } }: Settings): AddonClass | undefined {
  // What another's cluster brings is not known, and not ours to change.
  if (originOf({ cluster }) === "existing" && localPath === undefined) return undefined;
  if (k3s.disable.includes("local-storage") && localPath === undefined) return undefined;
  return { name: LOCAL_PATH_CLASS, isDefault: localPath?.default };
}

/**
 * Who brings the local-path class.
 *
 * k3s makes its own class the default, and writes that again at every start (its deploy controller applies
 * local-storage.yaml anew; k3s#3441, #4083, #11936). An annotation that is taken away comes back with the next restart
 * of a server, so a class that is not the default cannot be k3s's: then `local-storage` is disabled in k3s, and the
 * same provisioner, under the same name and on the same directory, is installed from here.
 */
export function localPathSource(settings: Settings, all: readonly Addon[]): LocalPathSource {
  if (localPathClaim(settings) === undefined) return "none";
  if (originOf(settings) === "existing" || settings.k3s.disable.includes("local-storage")) return "groundwork";
  return localPathIsDefault(settings, all) ? "k3s" : "groundwork";
}

/** Whether it is the default class: where it is asked for, or it is there and no other class is the default. */
export function localPathIsDefault(settings: Settings, all: readonly Addon[]): boolean {
  return defaultStorageClass(settings, all) === LOCAL_PATH_CLASS;
}
