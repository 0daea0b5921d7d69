import { error, listed, warning, type Check } from "../config/checks/check";
import { originOf } from "../config/origin";
import type { Settings } from "../config/settings";
import type { Addon } from "./addon";
import type { AddonClass } from "./storageClass";

/** The StorageClasses of a cluster, in the order of the add-ons. */
export function storageClasses(settings: Settings, all: readonly Addon[]): AddonClass[] {
  return all.flatMap(({ storageClass }) => storageClass?.(settings) ?? []);
}

/** Name of the cluster's default StorageClass, or undefined where there is none. */
export function defaultStorageClass(settings: Settings, all: readonly Addon[]): string | undefined {
  const classes = storageClasses(settings, all);
  const chosen = classes.findLast(({ isDefault }) => isDefault === true);
  return (chosen ?? classes.find(({ isDefault }) => isDefault === undefined))?.name;
}

export function storageClassChecks(all: readonly Addon[]): Check[] {
  return [(settings) => oneDefaultClass(settings, all), (settings) => someDefaultClass(settings, all)];
}

/** At most one StorageClass is the default one. */
function oneDefaultClass(settings: Settings, all: readonly Addon[]): ReturnType<Check> {
  const claimed = all
    .filter(({ storageClass }) => storageClass?.(settings)?.isDefault === true)
    .map(({ path }) => `${path}.default`);
  if (claimed.length < 2) return [];
  return [
    error(
      claimed.at(-1) ?? "storage",
      `is true, and so is ${listed(claimed.slice(0, -1))}; a cluster has one default StorageClass`,
      "write true in one place only",
    ),
  ];
}

/** A claim that names no class is answered by somebody. */
function someDefaultClass(settings: Settings, all: readonly Addon[]): ReturnType<Check> {
  // What another's cluster brings is not known.
  if (originOf(settings) === "existing" || defaultStorageClass(settings, all) !== undefined) return [];
  const paths = [...new Set(all.filter(({ storageClass }) => storageClass !== undefined).map(({ path }) => path))];
  return [
    warning(
      "storage",
      "has no default StorageClass, so claims that name no class stay Pending",
      `write default: true under one of ${listed(paths)}, unless you bring a class of your own`,
    ),
  ];
}
