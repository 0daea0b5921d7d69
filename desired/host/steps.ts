import type { Settings } from "../../config/settings";
import { each, plainAddress, primary } from "../../config/addresses";
import { sumOf } from "../../config/versions/pins";
import type { Architecture } from "../../config/versions/k3sSums";
import { architectureOf } from "../../config/upload";
import type { Machine, NodePlace } from "../place";
import { asRoot } from "../ssh";
import { adoptionOf } from "./adoption";
import { hostKeyDigest } from "./digests";
import { firewallFacts } from "./firewall";
import type { HostFiles } from "./hostFile";
import { kernelParameters } from "./files";
import { markFacts, type NodeMarks } from "./nodeMarks";
import type { HostProgram } from "./program";
import { withRepair } from "./repair";
import { uploadedFacts, uploadFacts, uploadsOf } from "./uploads";
import { checkPart, checkWait, windowPart } from "./rollout";

/** One remote command of a node. */
export interface HostStep {
  /** Name of its resource: `atlas-drain`. */
  readonly name: string;
  /** Where it runs. */
  readonly on: Machine;
  /** The command when it is created, and again when what it is given changes; it reads the program as standard input. */
  readonly create: string;
  /** The command when it is deleted; undefined for nothing. */
  readonly delete: string | undefined;
  readonly program: HostProgram;
}

/**
 * The four remote commands that make a machine a node, in their order. Deleted in the opposite one: the node leaves the cluster,
 * then k3s leaves the host.
 */
export interface HostSteps {
  /** The host's mark, and the join token on it. */
  readonly token: HostStep;
  /** The drain before a change that restarts k3s. */
  readonly drain: HostStep;
  /** The host itself. */
  readonly host: HostStep;
  /** The node in Kubernetes. */
  readonly ready: HostStep;
}

/** What the steps are decided from. */
export interface StepParts {
  readonly project: string;
  readonly settings: Settings;
  readonly place: NodePlace;
  readonly files: HostFiles;
  readonly packages: readonly string[];
  readonly fingerprint: string;
  readonly marks: NodeMarks;
  /** Changes exactly when CoreDNS would ask other resolvers. */
  readonly resolvers: string;
}

/** Decides what each of a node's remote commands is given. */
export function hostSteps(parts: StepParts): HostSteps {
  const { place } = parts;
  const { name, operator } = place;
  const { repair } = place.settings;
  return {
    token: step(`${name}-token`, place, withRepair(tokenProgram(parts), repair), "token"),
    drain: step(`${name}-drain`, operator, withRepair(drainProgram(parts), repair), "drain"),
    host: step(name, place, withRepair(hostProgram(parts), repair), "converge", "uninstall"),
    ready: step(`${name}-ready`, operator, withRepair(readyProgram(parts), repair), "ready", "leave"),
  };
}

function step(name: string, on: Machine, program: HostProgram, create: string, remove?: string): HostStep {
  const run = (verb: string): string => asRoot(on.ssh, `sh -s -- ${verb}`);
  return { name, on, create: run(create), delete: remove === undefined ? undefined : run(remove), program };
}

/** The join tokens themselves are given by the component: one of them is made by a resource. */
function tokenProgram(parts: StepParts): HostProgram {
  const isServer = parts.place.role === "server";
  const window = windowPart(parts.settings, parts.place.settings);
  return {
    title: `the join token of ${parts.place.name}`,
    facts: {
      ...ownership(parts),
      ...(isServer ? { join: parts.place.join.join(" "), api_port: portOf(parts) } : {}),
      ...comparedWith(parts),
      ...window.facts,
      ...uploadFacts(parts.settings, parts.place),
    },
    secrets: ["server_token", "agent_token"],
    files: undefined,
    brings: parts.files.secret,
    parts: [
      ...["report", "owner", "files", "lock", "secretFiles", "upload", ...adoptionParts(parts)],
      ...(isServer ? ["api", "restart", "snapshot", "putToken", "rotate"] : []),
      ...window.parts,
      "token",
    ],
    verbs: ["token"],
  };
}

function hostProgram(parts: StepParts): HostProgram {
  const { settings, place, files } = parts;
  const { k3s, rollout, network, dns } = settings;
  const uploaded = uploadsOf(settings, place).find(({ is }) => is === "binary");
  // Of an uploaded binary the machine's architecture is known.
  const sum = (architecture: Architecture): string =>
    uploaded === undefined
      ? (sumOf(k3s, place.version, architecture) ?? "")
      : architecture === architectureOf(settings, place.settings)
        ? uploaded.sha256
        : "";
  return {
    title: `what ${place.name} is to be`,
    facts: {
      ...ownership(parts),
      k3s_version: place.version,
      mirror: k3s.mirror,
      sha256_amd64: sum("amd64"),
      sha256_arm64: sum("arm64"),
      sha256_arm: sum("arm"),
      interface: place.interface ?? "",
      ...meshFacts(settings),
      interface_wait: place.interface === undefined ? "0" : String(network.interfaceWaitSeconds),
      upstream: (dns.upstream ?? []).join(" "),
      internal_ip: each(place.settings.internalIp).map(plainAddress).join(" "),
      flannel_backend: network.flannelBackend,
      join: place.join.join(" "),
      underlay: place.underlay ?? "",
      starts_cluster: yesNo(place.join.length === 0),
      peers: place.peers.join(" "),
      api_port: portOf(parts),
      ...virtualIpFacts(parts),
      packages: parts.packages.join(" "),
      ...firewallFacts(settings, place),
      prepare_hosts: yesNo(k3s.prepareHosts),
      ...(k3s.prepareHosts ? {} : { kernel_parameters: wantedParameters(settings, place) }),
      swap_off: yesNo(k3s.swapOff),
      start_timeout: String(rollout.readyTimeoutSeconds),
      ...(place.role === "server" && k3s.snapshots.directory !== undefined
        ? { snapshot_dir: k3s.snapshots.directory }
        : {}),
      managed_files: [...files.put, ...files.secret, ...files.drop].map((file) => file.path).join(" "),
      given_files: [...files.put.filter((file) => file.given), ...files.secret].map((file) => file.path).join(" "),
      ...uploadedFacts(settings, place),
      ...lowered(parts),
      ...comparedWith(parts),
      ...leftOut(parts),
    },
    secrets: [],
    files,
    parts: [
      ...["report", "owner", "files", "restart", "managed", "givenFiles", "lock", "preflight", "modules", "packages"],
      ...["install", "prepare", "proxy", "firewall", "upload", "binary", "images", "snapshot"],
      ...["versions", "health", "putToken", "newTokens", "join", "name"],
      ...(place.role === "server" ? ["virtualIp"] : []),
      ...adoptionParts(parts),
      ...(place.settings.adopt ? ["takeOver", "giveBack"] : []),
      ...["converge", "uninstall"],
    ],
    verbs: ["converge", "uninstall"],
  };
}

function drainProgram(parts: StepParts): HostProgram {
  const { place } = parts;
  const { rollout } = parts.settings;
  const window = windowPart(parts.settings, parts.place.settings);
  return {
    title: `drain ${parts.place.name} if k3s will restart on it`,
    facts: {
      ...subject(parts),
      // etcd knows a member by the primary one (k3s: pkg/etcd/etcd.go, from node-ip's first).
      internal_ip: primary(place.settings.internalIp) ?? "",
      interface: place.interface ?? "",
      drain_when: rollout.drain,
      max_unavailable: String(rollout.maxUnavailable),
      volumes_timeout: rollout.waitForVolumes ? String(rollout.volumesTimeoutSeconds) : "0",
      ...checkWait(parts.settings),
      ...window.facts,
    },
    secrets: [],
    files: undefined,
    parts: [
      ...["report", "owner", "files", "lock", "api", "kubectl", "pods", "clusterLock", "volumes", "blockers"],
      ...window.parts,
      ...["moved", "drain"],
    ],
    verbs: ["drain"],
  };
}

function readyProgram(parts: StepParts): HostProgram {
  const { rollout, network } = parts.settings;
  const check = checkPart(parts.settings, parts.place.name);
  return {
    title: `${parts.place.name} in Kubernetes`,
    facts: {
      ...subject(parts),
      api_port: portOf(parts),
      ready_timeout: String(rollout.readyTimeoutSeconds),
      ...(network.flannelBackend === "none" ? { own_cni: "yes" } : {}),
      verify_overlay: yesNo(network.verifyOverlay && network.flannelBackend === "vxlan"),
      ...markFacts(parts.marks),
      resolvers: parts.resolvers,
      ...check.facts,
    },
    secrets: [],
    files: undefined,
    parts: [
      ...["report", "owner", "files", "lock", "api", "kubectl", "pods", "clusterLock", ...check.parts],
      ...["member", "ready", "leave"],
    ],
    verbs: ["ready", "leave"],
  };
}

/** What a host that somebody else prepares is looked at for: `net.ipv4.ip_forward=1`. */
function wantedParameters(settings: Settings, place: NodePlace): string {
  return kernelParameters(settings, place)
    .map((line) => line.replace(" = ", "="))
    .join(" ");
}

/** Whose host it is, and as what. */
function ownership({ project, settings, place }: StepParts): Record<string, string> {
  return { project, stack: settings.stack, node: place.name, role: place.role };
}

/** Checks of preflight that the stack makes no errors. */
function lowered({ settings }: StepParts): Record<string, string> {
  const names = Object.keys(settings.preflight.lower);
  return names.length === 0 ? {} : { lowered: names.join(" ") };
}

/** What a k3s that is there is compared with, where one is taken over. */
function comparedWith({ settings, place }: StepParts): Record<string, string> {
  if (!place.settings.adopt) return {};
  return {
    adopt: "yes",
    k3s_version: place.version,
    starts_cluster: yesNo(place.join.length === 0),
    critical: adoptionOf(settings, place).critical.join(" "),
  };
}

/** What of a k3s that is there ends when it is taken over. */
function leftOut({ settings, place }: StepParts): Record<string, string> {
  if (!place.settings.adopt) return {};
  const { disabled, keys } = adoptionOf(settings, place);
  return { disabled: disabled.join(" "), config_keys: keys.join(" ") };
}

function adoptionParts({ place }: StepParts): string[] {
  return place.settings.adopt ? ["foreign", "compare", "adopt"] : [];
}

/** The node that the operator works on. */
function subject(parts: StepParts): Record<string, string> {
  const { settings, place, fingerprint } = parts;
  return {
    ...ownership(parts),
    operator: place.operator.name,
    other_servers: place.otherServers.join(" "),
    address: place.settings.address,
    host_key: hostKeyDigest(place.settings.hostKey),
    k3s_version: place.version,
    fingerprint,
    drain_timeout: String(settings.rollout.drainTimeoutSeconds),
  };
}

/** What a server's host checks and sees to of the virtual IP. */
function virtualIpFacts({ place: { role, virtualIp } }: StepParts): Record<string, string> {
  if (role === "agent") return {};
  return {
    virtual_ip: virtualIp?.address ?? "",
    virtual_ip_interface: virtualIp?.interface ?? "",
    virtual_ip_own: virtualIp?.own ?? "",
  };
}

/** What a host's checks know of the mesh, which is there before them in an `up`. */
function meshFacts({ network: { wireguard } }: Settings): Record<string, string> {
  return wireguard === undefined ? {} : { mesh: wireguard.interface, mesh_port: String(wireguard.port) };
}

function portOf({ settings }: StepParts): string {
  return String(settings.cluster.apiPort);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
