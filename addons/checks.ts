import { error, type Check } from "../config/checks/check";
import { pathText } from "../config/problem";
import type { Addon } from "./addon";
import { decidedBySettings } from "./chartValues";
import { chartVersion } from "./chartVersions";
import { storageClassChecks } from "./storageClasses";

/** What is looked at in the settings of add-ons: what holds for each, then what each says itself, in the order of the list. */
export function addonChecks(all: readonly Addon[]): Check[] {
  const own = all.flatMap(({ checks = [] }) =>
    checks.map(
      (check): Check =>
        (settings, options) =>
          check(settings, options, all),
    ),
  );
  return [
    ...all.map((addon) => chartVersion(addon, all)),
    ...storageClassChecks(all),
    ...all.map((addon) => decidedBySettings(addon, all)),
    ...own,
    ...all.map((addon) => ownNamespace(addon, all)),
  ];
}

/** The namespace of an add-on is the add-on's own; asked for twice it would be created twice. */
function ownNamespace({ namespace, path, installedBy = path, isInstalled }: Addon, all: readonly Addon[]): Check {
  return (settings) =>
    namespace !== undefined && Object.hasOwn(settings.namespaces, namespace) && isInstalled(settings, all)
      ? [error(pathText(["namespaces", namespace]), `is made by ${installedBy} already`, "leave it out of namespaces")]
      : [];
}
