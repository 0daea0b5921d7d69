import { addons } from "../../addons/all";
import type { NodeSettings, Settings } from "../../config/settings";

/** What a host needs, each once: `iscsi` and `nfs` for add-ons, `keepalived` on servers for a virtual IP, `wireguard` for the mesh. */
export function packagesOf(settings: Settings, role: NodeSettings["role"]): string[] {
  const needed = addons
    .filter(({ isInstalled }) => isInstalled(settings, addons))
    .flatMap(({ hostPackages = [] }) => hostPackages);
  const virtualIp = role === "server" && settings.cluster.virtualIp !== undefined ? ["keepalived"] : [];
  const mesh = settings.network.wireguard === undefined ? [] : ["wireguard"];
  return [...new Set([...needed, ...virtualIp, ...mesh])].sort();
}
