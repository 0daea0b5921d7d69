import { each, familiesOf, familyNames, familyOf, type OneOrTwo } from "../addresses";
import { originOf } from "../origin";
import type { NodeSettings, Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

const ONE_OF_EACH = "write one IPv4 and one IPv6, the primary one first; or only one";

/** Of two addresses one is IPv4 and one IPv6. */
export const oneOfEach: Check = ({ network, nodes }) => {
  const places: (readonly [path: string, given: OneOrTwo | undefined])[] = [
    ["network.podCidr", network.podCidr],
    ["network.serviceCidr", network.serviceCidr],
    ...nodes.flatMap((node, index) =>
      (["internalIp", "externalIp"] as const).map((key) => [`nodes[${index}].${key}`, node[key]] as const),
    ),
  ];
  return places.flatMap(([path, given]) => {
    const [one, other] = familiesOf(given);
    return one !== undefined && one === other
      ? [error(path, `has two of one kind: ${each(given).join(" and ")} are IPv${one}`, ONE_OF_EACH)]
      : [];
  });
};

/** Pods and services speak the same protocols, and the same one first (k3s: pkg/agent/run.go). */
export const sameFamilies: Check = ({ network }) => {
  const [pods, services] = [familiesOf(network.podCidr), familiesOf(network.serviceCidr)];
  if (pods.join() === services.join()) return [];
  const problem = `${text(network.serviceCidr)} is ${familyNames(services)}, network.podCidr ${text(network.podCidr)} is ${familyNames(pods)}`;
  const isOrder = [...pods].sort().join() === [...services].sort().join();
  const remedy = isOrder
    ? "write both in the same order: the first is the primary one"
    : pods.length === services.length
      ? "write two blocks of the same kind"
      : "write one block in each, or one of each family in each";
  return [error("network.serviceCidr", problem, remedy)];
};

/** Nodes speak the protocols of their pods: k3s refuses to start otherwise, after it was waited for. */
export const nodeFamily: Check = (settings) => {
  const { network, nodes } = settings;
  if (familiesOf(network.podCidr).join() !== familiesOf(network.serviceCidr).join()) return [];
  return [
    ...nodes.flatMap((node, index) => [
      ...insideFamily(settings, node, `nodes[${index}]`),
      ...outsideFamily(settings, node, `nodes[${index}]`),
    ]),
    ...dnsFamily(settings),
  ];
};

/** flannel hides IPv6 addresses of pods where there are some. */
export const masquerade: Check = ({ network }) => {
  const at = "network.ipv6Masquerade";
  if (!network.ipv6Masquerade) return [];
  if (!familiesOf(network.podCidr).includes(6)) {
    return [error(at, "has no effect: network.podCidr has no IPv6 block", "write one of each family, or remove it")];
  }
  return network.flannelBackend === "none"
    ? [error(at, "has no effect with flannelBackend: none", "see to it in your own CNI, and remove it")]
    : [];
};

/** k3d's containers have IPv4 addresses only: k3s would refuse its node's. */
export const k3dFamily: Check = (settings) =>
  originOf(settings) === "k3d" && familiesOf(settings.network.podCidr).includes(6)
    ? [
        error(
          "network.podCidr",
          `${text(settings.network.podCidr)} is not all IPv4, and the containers of k3d have no IPv6 address`,
          "write one IPv4 block",
        ),
      ]
    : [];

export const familyChecks: readonly Check[] = [oneOfEach, sameFamilies, nodeFamily, masquerade, k3dFamily];

/** What k3s compares with cluster-cidr: every family of the pods is one of the node's (pkg/agent/run.go). */
function insideFamily({ network }: Settings, node: NodeSettings, path: string): Finding[] {
  const { internalIp, address, role } = node;
  const pods = familiesOf(network.podCidr);
  const [first] = pods;
  const cluster = clusterText(network.podCidr, pods);
  // Without internalIp k3s takes the host's own; the address for SSH is the only one that is known here.
  if (internalIp === undefined) {
    if (pods.length > 1) {
      const problem = `is missing, and ${cluster}: k3s does not look for both of a node's addresses`;
      return [error(`${path}.internalIp`, problem, `write one of each family, in the order ${familyNames(pods)}`)];
    }
    const family = familyOf(address);
    if (family === undefined || family === first) return [];
    return [error(`${path}.address`, `${address} is IPv${family}, and ${cluster}`, remedyOf("internalIp", first))];
  }
  const own = familiesOf(internalIp);
  const at = `${path}.internalIp`;
  const is = `${text(internalIp)} is ${familyNames(own)}`;
  if (pods.some((family) => !own.includes(family))) {
    const remedy =
      pods.length > 1
        ? `write one of each family, in the order ${familyNames(pods)}; or one block in podCidr and in serviceCidr under network`
        : remedyOf("internalIp", first);
    return [error(at, `${is}, and ${cluster}`, remedy)];
  }
  // The API server advertises the first, and takes none of another family than its services' (kubernetes:
  // cmd/kube-apiserver/app/options/validation.go, validatePublicIPServiceClusterIPRangeIPFamilies).
  if (role === "server" && own[0] !== first) {
    const order = `write it in the order ${familyNames([...own].reverse())}, or the blocks under network in the other one`;
    return [error(at, `${is}, in this order, and ${cluster}`, order)];
  }
  if (own.length <= pods.length) return [];
  return [warning(at, `${is}, and ${cluster}, so pods and services have no use for both`, "see that this is meant")];
}

/** A server advertises its outside address before the inside one (k3s: pkg/cli/server/server.go). */
function outsideFamily({ network, k3s }: Settings, node: NodeSettings, path: string): Finding[] {
  const { externalIp, role } = node;
  const pods = familiesOf(network.podCidr);
  const [first] = pods;
  const own = familiesOf(externalIp);
  if (externalIp === undefined || own[0] === first) return [];
  if (role !== "server" && pods.some((family) => own.includes(family))) return [];
  const at = `${path}.externalIp`;
  const order = own.length > 1 ? ", in this order" : "";
  const problem = `${text(externalIp)} is ${familyNames(own)}${order}, and ${clusterText(network.podCidr, pods)}`;
  const isAdvertised = role === "server" && { ...k3s.server, ...node.k3s }["advertise-address"] === undefined;
  const remedy = own.length > 1 ? `write the IPv${first} address first` : remedyOf("externalIp", first);
  return isAdvertised
    ? [error(at, `${problem}; the API server advertises the first, and refuses that`, remedy)]
    : [warning(at, problem, remedy)];
}

function dnsFamily({ network, k3s }: Settings): Finding[] {
  const pods = familiesOf(network.podCidr);
  const given: unknown[] = [k3s.server["cluster-dns"] ?? []].flat();
  return given
    .flatMap((one) => (typeof one === "string" ? one.split(",") : []))
    .flatMap((address) => {
      const family = familyOf(address);
      if (family === undefined || pods.includes(family)) return [];
      const problem = `${address} is IPv${family}, and ${clusterText(network.podCidr, pods)}`;
      return [error("k3s.server.cluster-dns", problem, "write an address inside network.serviceCidr")];
    });
}

function clusterText(podCidr: OneOrTwo, pods: readonly (4 | 6)[]): string {
  return `the cluster's blocks are ${familyNames(pods)} (network.podCidr ${text(podCidr)})`;
}

function remedyOf(key: string, family: 4 | 6 | undefined): string {
  const blocks =
    family === 4
      ? "podCidr: fd00:42::/56 and serviceCidr: fd00:43::/112"
      : "podCidr: 10.42.0.0/16 and serviceCidr: 10.43.0.0/16";
  return `write an IPv${family} address in ${key}, or ${blocks} under network`;
}

function text(given: OneOrTwo): string {
  return each(given).join(" and ");
}
