import { each, familyOf } from "../../config/addresses";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import { k3sConfig } from "./k3sConfig";

/**
 * What a host's own firewall has to let in (docs.k3s.io/installation/requirements, Networking). The other nodes are named only where
 * Groundwork is to open it: a new node would be a change on every host otherwise.
 */
export function firewallFacts(settings: Settings, place: NodePlace): Record<string, string> {
  const { network, nodes } = settings;
  const others = nodes
    .filter(({ name }) => name !== place.name)
    .flatMap(({ address, internalIp, externalIp }) => [...each(internalIp ?? address), ...each(externalIp)])
    .filter((address) => familyOf(address) !== undefined);
  return {
    open_firewall: network.openFirewall ? "yes" : "no",
    open_sources: [
      ...new Set([...each(network.podCidr), ...each(network.serviceCidr), ...(network.openFirewall ? others : [])]),
    ].join(" "),
    open_ports: [
      ...(place.role === "server" ? [`${settings.cluster.apiPort}/tcp`] : []),
      ...(network.wireguard === undefined ? [] : [`${network.wireguard.port}/udp`]),
    ].join(" "),
    node_ports: portsBetweenNodes(settings),
    selinux: k3sConfig(settings, place)["selinux"] === true ? "yes" : "no",
  };
}

function portsBetweenNodes({ network }: Settings): string {
  const overlay = { vxlan: ", UDP 8472", "wireguard-native": ", UDP 51820-51821", "host-gw": "", none: "" };
  return `TCP 2379-2380 (servers) and 10250${overlay[network.flannelBackend]}`;
}
