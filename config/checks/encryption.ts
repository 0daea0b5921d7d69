import { each, isPublicAddress } from "../addresses";
import { nodeInterface } from "../nodeInterface";
import { error, listed, warning, type Check } from "./check";

/** Names that Linux gives to network cards, bridges and bonds: what runs over them is not a VPN by itself. */
const PHYSICAL = /^(eth\d|en[ospx]\w|bond\d|br\d|br-|wl[ospx]?\w)/;

/** Traffic between pods of different nodes is encrypted where it crosses a public network, and wherever it is required. */
export const encryptedTraffic: Check = (settings) => {
  const { nodes, network } = settings;
  if (nodes.length < 2 || network.flannelBackend === "wireguard-native") return [];
  if (network.flannelBackend === "none") {
    if (!network.requireEncryption) return [];
    return [
      warning(
        "network.requireEncryption",
        "cannot be checked with flannelBackend: none",
        "see to it that your own network plugin encrypts",
      ),
    ];
  }
  const bare = nodes.filter((node) => {
    const name = nodeInterface(settings, node);
    return name === undefined || PHYSICAL.test(name);
  });
  const backend = `${network.flannelBackend} is not encrypted`;
  const remedy =
    "write network.interface with the VPN's interface, network.wireguard for one that Groundwork makes, or flannelBackend: wireguard-native";
  if (network.requireEncryption && bare.length > 0) {
    return [
      error(
        "network.requireEncryption",
        `${backend}, and no VPN interface is set for ${listed(bare.map((node) => node.name))}`,
        remedy,
      ),
    ];
  }
  const exposed = bare.filter((node) => each(node.internalIp ?? node.address).some(isPublicAddress));
  if (exposed.length === 0) return [];
  return [
    warning(
      "network.flannelBackend",
      `${backend}, and ${listed(exposed.map((node) => node.name))} would send it over public addresses`,
      remedy,
    ),
  ];
};

export const encryptionChecks: readonly Check[] = [encryptedTraffic];
