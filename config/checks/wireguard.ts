import {
  addressBlock,
  each,
  familiesOf,
  familyNames,
  familyOf,
  isLoopback,
  ofFamily,
  overlap,
  plainAddress,
} from "../addresses";
import { pathText } from "../problem";
import type { NodeSettings, Settings } from "../settings";
import { error, listed, warning, type Check, type Finding } from "./check";

type Mesh = NonNullable<Settings["network"]["wireguard"]>;

/** A check of the stacks that have a mesh. */
function ofMesh(check: (mesh: Mesh, settings: Settings) => readonly Finding[]): Check {
  return (settings) => (settings.network.wireguard === undefined ? [] : check(settings.network.wireguard, settings));
}

/** Everything in the mesh has an address of its own there. */
export const meshAddresses = ofMesh((mesh, settings) => {
  const used = new Map<string, string>();
  const blocks = text(mesh.cidr);
  return members(mesh, settings).flatMap(({ path, name, addresses }): Finding[] => {
    const missing = familiesOf(mesh.cidr).filter((family) => ofFamily(addresses, family) === undefined);
    if (path.startsWith("nodes") && missing.length > 0) {
      const what = addresses === undefined ? "is missing" : `has no ${familyNames(missing)}`;
      return [
        error(
          path,
          `${what}: with network.wireguard it is the node's address in the mesh`,
          `write a free address of ${blocks}`,
        ),
      ];
    }
    return each(addresses).flatMap((address): Finding[] => {
      const block = each(mesh.cidr).find((cidr) => overlap(cidr, address));
      if (block === undefined || isReserved(block, address)) {
        const what = block === undefined ? "is not inside network.wireguard.cidr" : "is no address of a machine";
        return [error(path, `${address} ${what} (${blocks})`, "write a free address of that block")];
      }
      const other = used.get(plainAddress(address));
      used.set(plainAddress(address), name);
      // Two nodes of one address are a problem without a mesh too (checks/nodes.ts).
      return other === undefined || !path.startsWith("network")
        ? []
        : [error(path, `${address} is ${other}'s address`, `write a free address of ${blocks}`)];
    });
  });
});

/** Who calls whom: two that nobody reaches never meet. */
export const meshEndpoints = ofMesh((mesh, { nodes }) => {
  const hidden = nodes.filter(({ wireguard }) => wireguard.endpoint === "none").map(({ name }) => name);
  const behind = nodes.flatMap(({ name, address, wireguard }, index) => {
    const path = `nodes[${index}].address`;
    if (each(mesh.cidr).some((cidr) => overlap(cidr, address))) {
      const remedy = "write the address at which SSH reaches the machine without the mesh";
      return [
        error(
          path,
          `${address} is an address of the mesh, which is not there before Groundwork has been on ${name}`,
          remedy,
        ),
      ];
    }
    if (wireguard.endpoint !== undefined || !(isLoopback(address) || address === "localhost")) return [];
    return [
      error(
        `nodes[${index}].wireguard.endpoint`,
        `is missing, and the other nodes cannot call ${name} at ${address}, which is each one's own`,
        "write the address at which they reach it, or 'none' if they do not",
      ),
    ];
  });
  if (hidden.length < 2) return behind;
  const index = nodes.findIndex(({ name }) => name === hidden[1]);
  return [
    ...behind,
    error(
      `nodes[${index}].wireguard.endpoint`,
      `is 'none' on ${listed(hidden)}: neither of two such nodes can call the other`,
      "give all but one of them an endpoint: a forwarded port of their router (HOST:PORT)",
    ),
  ];
});

/** What else would have the same traffic, or the same port. */
export const meshAlone = ofMesh((mesh, { network, nodes }) => [
  ...(network.interface === undefined
    ? []
    : [
        error(
          "network.interface",
          "is set beside network.wireguard, which makes the interface that the nodes use",
          "take one of them out",
        ),
      ]),
  ...nodes.flatMap((node, index) => [
    ...(node.interface === undefined
      ? []
      : [
          error(
            `nodes[${index}].interface`,
            `is set beside network.wireguard, which makes the interface that ${node.name} uses`,
            "take it out",
          ),
        ]),
    ...(node.adopt
      ? [
          error(
            `nodes[${index}].adopt`,
            "takes over a k3s as it is, and network.wireguard gives it another network",
            "take network.wireguard out, run 'pulumi up', take adopt out, and bring it back then",
          ),
        ]
      : []),
  ]),
  ...(["podCidr", "serviceCidr"] as const).flatMap((key) =>
    each(mesh.cidr).flatMap((cidr) =>
      each(network[key])
        .filter((block) => overlap(block, cidr))
        .map((block) =>
          error(
            "network.wireguard.cidr",
            `${cidr} overlaps network.${key} ${block}`,
            `write a block that shares no address with it, e.g. ${familyOf(cidr) === 6 ? "fd00:44::/64" : "10.44.0.0/24"}`,
          ),
        ),
    ),
  ),
  ...backend(network.flannelBackend),
  ...(/^(flannel|cni|lo$|veth)/.test(mesh.interface) || mesh.interface.includes("@")
    ? [
        error(
          "network.wireguard.interface",
          `${mesh.interface} is a name that Linux or k3s gives itself`,
          "write another one, e.g. wgmesh0",
        ),
      ]
    : []),
]);

/** A key belongs to one machine. */
export const meshKeys = ofMesh(({ peers }) => {
  const names = new Map<string, string>();
  return Object.entries(peers).flatMap(([name, { publicKey }]) => {
    const other = names.get(publicKey);
    names.set(publicKey, name);
    if (other === undefined) return [];
    return [
      error(
        pathText(["network", "wireguard", "peers", name, "publicKey"]),
        `is that of ${other} too`,
        "make a key on each machine ('wg genkey')",
      ),
    ];
  });
});

/** Settings that do nothing. */
export const endpointWithoutMesh: Check = ({ network, nodes }) =>
  network.wireguard !== undefined
    ? []
    : nodes.flatMap((node, index) =>
        node.wireguard.endpoint === undefined
          ? []
          : [
              warning(
                `nodes[${index}].wireguard.endpoint`,
                "does nothing without network.wireguard",
                "write network.wireguard, or take it out",
              ),
            ],
      );

export const wireguardChecks: readonly Check[] = [
  meshAddresses,
  meshEndpoints,
  meshAlone,
  meshKeys,
  endpointWithoutMesh,
];

interface Member {
  readonly path: string;
  readonly name: string;
  readonly addresses: NodeSettings["internalIp"];
}

function members(mesh: Mesh, { nodes }: Settings): Member[] {
  return [
    ...nodes.map(({ name, internalIp }, index) => ({
      path: `nodes[${index}].internalIp`,
      name,
      addresses: internalIp,
    })),
    ...Object.entries(mesh.peers).map(([name, { address }]) => ({
      path: pathText(["network", "wireguard", "peers", name, "address"]),
      name,
      addresses: address,
    })),
  ];
}

function text(cidr: Mesh["cidr"]): string {
  return each(cidr).join(" and ");
}

/** The first and last address of an IPv4 block are the network's own and everybody's; the first of an IPv6 block is any router's. */
function isReserved(cidr: string, address: string): boolean {
  const block = addressBlock(cidr);
  if (block === undefined || familyOf(address) !== block.family) return false;
  if (block.family === 6) return plainAddress(address) === plainAddress(block.address);
  if (block.prefix > 30) return false;
  const size = 2 ** (32 - block.prefix);
  const first = Math.floor(numberOf(block.address) / size) * size;
  return [first, first + size - 1].includes(numberOf(address));
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function backend(name: Settings["network"]["flannelBackend"]): Finding[] {
  switch (name) {
    case "vxlan":
    case "none":
      return [];
    case "host-gw":
      return [
        error(
          "network.flannelBackend",
          "host-gw sends pods' packets as they are, and a WireGuard peer takes those of its own address only",
          "write vxlan; it runs inside the mesh, which encrypts it",
        ),
      ];
    case "wireguard-native":
      return [
        error(
          "network.flannelBackend",
          "wireguard-native would encrypt once more what the mesh encrypts already",
          "write vxlan, or take network.wireguard out",
        ),
      ];
  }
}
