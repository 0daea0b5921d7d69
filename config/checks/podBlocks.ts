import { addressBlock, each, type AddressBlock } from "../addresses";
import type { Settings } from "../settings";
import { error, type Check, type Finding } from "./check";

/**
 * Every node gets a /24 (IPv6: /64) of the pods' block (kube-controller-manager, node-cidr-mask-size), and of an IPv6 block there are
 * at most 2^16 (kubernetes: pkg/controller/nodeipam/ipam/cidrset, clusterSubnetMaxDiff).
 */
export const podBlockSize: Check = (settings) =>
  each(settings.network.podCidr).flatMap((text): Finding[] => {
    const block = addressBlock(text);
    const mask = block === undefined ? undefined : maskOf(settings, block);
    if (block === undefined || mask === undefined) return [];
    const example = block.family === 6 ? "fd00:42::/48" : "10.42.0.0/14";
    const room = block.prefix > mask ? 0 : 2 ** Math.min(30, mask - block.prefix);
    if (settings.nodes.length > room) {
      const problem = `${text} has room for ${room} nodes (a /${mask} each), and there are ${settings.nodes.length}`;
      return [error("network.podCidr", problem, `write a larger block, e.g. ${example}`)];
    }
    if (block.family === 6 && mask - block.prefix > 16) {
      const problem = `${text} is larger than Kubernetes divides into a /${mask} for each node`;
      return [error("network.podCidr", problem, `write a block of /${mask - 16} or smaller, e.g. ${example}`)];
    }
    return [];
  });

/** With two blocks each has a flag of its own (kubernetes: cmd/kube-controller-manager/app/core.go, setNodeCIDRMaskSizes). */
export const podBlockFlag: Check = (settings) =>
  each(settings.network.podCidr).length > 1 && flagOf(settings, "node-cidr-mask-size") !== undefined
    ? [
        error(
          "k3s.server.kube-controller-manager-arg",
          "has node-cidr-mask-size, which Kubernetes refuses with two blocks in network.podCidr",
          "write node-cidr-mask-size-ipv4 and node-cidr-mask-size-ipv6",
        ),
      ]
    : [];

export const podBlockChecks: readonly Check[] = [podBlockFlag, podBlockSize];

/** Length of a node's prefix; undefined where it is said in a way that is not read here. */
function maskOf(settings: Settings, { family }: AddressBlock): number | undefined {
  const isOne = each(settings.network.podCidr).length === 1;
  const ofOne = isOne ? flagOf(settings, "node-cidr-mask-size") : undefined;
  const said = flagOf(settings, `node-cidr-mask-size-ipv${family}`) ?? ofOne;
  if (said === undefined) return family === 6 ? 64 : 24;
  return /^\d+$/.test(said) ? Number(said) : undefined;
}

function flagOf({ k3s }: Settings, name: string): string | undefined {
  const given: unknown[] = [k3s.server["kube-controller-manager-arg"] ?? []].flat();
  const found = given.map(String).findLast((flag) => flag.replace(/^--/, "").split("=")[0] === name);
  return found?.split("=")[1];
}
