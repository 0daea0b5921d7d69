import { addons } from "../../addons/all";
import type { Settings } from "../../config/settings";

/** What the add-ons need on every host, each once: `iscsi`, `nfs`. */
export function packagesOf(settings: Settings): string[] {
  const needed = addons
    .filter(({ isInstalled }) => isInstalled(settings, addons))
    .flatMap(({ hostPackages = [] }) => hostPackages);
  return [...new Set(needed)].sort();
}
