import { nodeInterface } from "./nodeInterface";
import type { NodeSettings, Settings } from "./settings";

/** The interface of a server that carries the virtual IP when that server holds it. */
export function virtualIpInterface(settings: Settings, node: NodeSettings): string | undefined {
  return settings.cluster.virtualIp?.interface ?? nodeInterface(settings, node);
}
