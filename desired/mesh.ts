import { addressBlock, each, familyOf, hostPort, ofFamily, plainAddress, type OneOrTwo } from "../config/addresses";
import { hostAndPort } from "../config/schema/scalars";
import type { NodeSettings, Settings } from "../config/settings";
import { FRAME_BEGIN, FRAME_END } from "./host/framed";
import type { HostProgram } from "./host/program";
import { withRepair } from "./host/repair";
import type { HostStep } from "./host/steps";
import type { Machine } from "./place";
import { asRoot, sshTarget } from "./ssh";

type Mesh = NonNullable<Settings["network"]["wireguard"]>;

/** The two remote commands that put a machine into the WireGuard mesh. */
export interface MeshSteps {
  /** Makes the machine's key, once, and prints its public half inside a frame. */
  readonly key: HostStep;
  /** Makes the interface, and its peers what they are to be; it is given their public keys as `mesh_keys`. */
  readonly mesh: HostStep;
}

/** The names of {@link MeshSteps}' resources, of a machine by its name. */
export function meshStepNames(node: string): { readonly key: string; readonly mesh: string } {
  return { key: `${node}-mesh-key`, mesh: `${node}-mesh` };
}

/**
 * A node's part in the mesh of the machines that live; undefined without one. A node that comes or goes changes a line of the others'
 * `mesh`, and nothing of their k3s.
 */
export function meshStepsOf(settings: Settings, node: NodeSettings, project: string): MeshSteps | undefined {
  const mesh = settings.network.wireguard;
  if (mesh === undefined) return undefined;
  const on: Machine = { name: node.name, ssh: sshTarget(settings, node) };
  const names = meshStepNames(node.name);
  const facts = {
    project,
    stack: settings.stack,
    node: node.name,
    mesh: mesh.interface,
    prepare_hosts: settings.k3s.prepareHosts ? "yes" : "no",
    packages: "wireguard",
  };
  const verb = (name: string): string => asRoot(on.ssh, `sh -s -- ${name}`);
  return {
    key: {
      name: names.key,
      on,
      create: verb("mesh_key"),
      delete: undefined,
      program: withRepair(
        program(`the key of ${node.name} in the mesh`, { ...facts, frame_begin: FRAME_BEGIN, frame_end: FRAME_END }, [
          "mesh_key",
        ]),
        node.repair,
      ),
    },
    mesh: {
      name: names.mesh,
      on,
      create: verb("mesh"),
      delete: verb("unmesh"),
      program: withRepair(
        {
          ...program(`${node.name} in the mesh`, { ...facts, ...meshFacts(mesh, settings, node) }, ["mesh", "unmesh"]),
          awaited: ["mesh_keys"],
        },
        node.repair,
      ),
    },
  };
}

/** Lines of others: a node is NAME ADDRESS/BITS[,ADDRESS/BITS] ENDPOINT, another peer has its public key behind; `none` for no endpoint. */
function meshFacts(mesh: Mesh, { nodes }: Settings, node: NodeSettings): Record<string, string> {
  return {
    mesh_address: each(node.internalIp)
      .map((address) => withPrefix(address, mesh))
      .join(" "),
    mesh_port: String(mesh.port),
    mesh_mtu: mesh.mtu === undefined ? "" : String(mesh.mtu),
    mesh_keepalive: String(mesh.keepaliveSeconds),
    mesh_nodes: nodes
      .filter(({ name }) => name !== node.name)
      .map((other) => `${other.name} ${hostRoutes(other.internalIp)} ${endpointOf(other, mesh.port)}`)
      .join("\n"),
    mesh_peers: Object.entries(mesh.peers)
      .map(([name, peer]) => `${name} ${hostRoutes(peer.address)} ${peer.endpoint ?? "none"} ${peer.publicKey}`)
      .join("\n"),
  };
}

function program(title: string, facts: Readonly<Record<string, string>>, verbs: readonly string[]): HostProgram {
  const own = verbs.includes("mesh_key") ? "meshKey" : "meshJoin";
  const parts = ["report", "owner", "files", "lock", "packages", "install", "mesh", own];
  return { title, facts, secrets: [], files: undefined, parts, verbs };
}
function endpointOf({ address, wireguard: { endpoint } }: NodeSettings, port: number): string {
  if (endpoint === "none") return endpoint;
  const written = hostAndPort(endpoint ?? "");
  return hostPort(written?.host ?? address, written?.port ?? port);
}

/** An address with the length of its block in the mesh. */
function withPrefix(address: string, { cidr }: Mesh): string {
  return `${plainAddress(address)}/${addressBlock(ofFamily(cidr, familyOf(address)) ?? "")?.prefix ?? ""}`;
}

/** Addresses alone, as routes. */
function hostRoutes(addresses: OneOrTwo | undefined): string {
  return each(addresses)
    .map((address) => `${plainAddress(address)}/${familyOf(address) === 6 ? 128 : 32}`)
    .join(",");
}
