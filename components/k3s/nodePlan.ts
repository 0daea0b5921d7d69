import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings";
import { API_PORT, hostPort, usesIpv6 } from "../../config/addresses";
import { k3sVersionOf } from "../../config/versions/pins";
import type { Inventory, InventoryNode } from "../../inventory/inventory";
import { joinConfig, K3S_DIRECTORY, k3sConfig, RESOLV_CONF, resolvConf } from "./k3sConfig";
import { serviceName, unit, waitDropIn, watchUnit } from "./units";

/** A file that a host gets, and what its change means for k3s. */
export interface HostFile {
  readonly path: string;
  /** Octal, as chmod takes it. */
  readonly mode: string;
  /** `restart`: k3s restarts; `unit`: and systemd reloads; `reload`: only that; `keep`: k3s reads it at its next start. */
  readonly effect: "restart" | "unit" | "reload" | "keep";
  /** One word for the summary of a run. */
  readonly label: string;
  readonly content: string;
}

/** Everything that a host is to be: decided before anything is created, and shown by the plan. */
export interface NodePlan {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly version: string;
  readonly files: readonly HostFile[];
  /** Files of ours that the host must not have. */
  readonly dropped: readonly Omit<HostFile, "mode" | "content">[];
  /** What the storage needs on the host: `nfs`, `iscsi`; the distribution's names are found on the host. */
  readonly packages: readonly string[];
  readonly labels: readonly string[];
  readonly taints: readonly string[];
  /** Changes exactly when k3s has to restart. */
  readonly fingerprint: string;
  /** Changes exactly when CoreDNS would ask other resolvers. */
  readonly resolvers: string;
  /** host:port that must answer before the node joins; empty for the server that starts the cluster. */
  readonly join: string;
  /** host:port of the other servers, which a rebuilt first server joins when they live. */
  readonly peers: readonly string[];
}

/** Decides what one node is to be. */
export function planNode(settings: Settings, inventory: Inventory, node: InventoryNode): NodePlan {
  const version = nodeVersion(settings, node);
  const candidates = hostFiles(settings, inventory, node);
  const files = candidates.filter((file): file is HostFile => file.content !== undefined);
  const restarting = files.filter((file) => file.effect === "restart" || file.effect === "unit");
  const first = node.name === inventory.first.name;
  return {
    name: node.name,
    role: node.role,
    version,
    files,
    dropped: candidates
      .filter((file) => file.content === undefined)
      .map(({ path, effect, label }) => ({ path, effect, label })),
    packages: packages(settings),
    labels: Object.entries(node.settings.labels).map(([key, value]) => `${key}=${value}`),
    taints: node.settings.taints,
    fingerprint: digest([version, ...restarting.map((file) => `${file.path}\n${file.content}`)]),
    resolvers: digest([resolvConf(settings) ?? ""]),
    join: first ? "" : hostPort(inventory.joinHost, API_PORT),
    peers: first
      ? inventory.servers
          .slice(1)
          .map((server) => hostPort(server.settings.internalIp ?? server.settings.address, API_PORT))
      : [],
  };
}

/** The k3s version that a node is given. */
export function nodeVersion(settings: Settings, node: InventoryNode): string {
  return k3sVersionOf(settings, node.settings);
}

type Candidate = Omit<HostFile, "content"> & { readonly content: string | undefined };

function hostFiles(settings: Settings, inventory: Inventory, node: InventoryNode): Candidate[] {
  const service = serviceName(node.role);
  const { interface: name } = node;
  const waited = name === undefined ? undefined : { name, seconds: settings.network.interfaceWaitSeconds };
  const watched = settings.network.flannelBackend === "vxlan" ? name : undefined;
  const ours = "/usr/local/lib/groundwork";
  const systemd = "/etc/systemd/system";
  return [
    {
      path: `${K3S_DIRECTORY}/config.yaml`,
      mode: "600",
      effect: "restart",
      label: "config",
      content: k3sConfig(settings, node),
    },
    {
      path: `${K3S_DIRECTORY}/config.yaml.d/10-join.yaml`,
      mode: "600",
      effect: "keep",
      label: "join",
      content: joinConfig(inventory, node),
    },
    // The kubelet reads it for each new pod, so k3s need not restart for it; CoreDNS must (scripts/ready.sh).
    { path: RESOLV_CONF, mode: "644", effect: "keep", label: "resolvers", content: resolvConf(settings) },
    {
      path: "/etc/sysctl.d/90-groundwork.conf",
      mode: "644",
      effect: "keep",
      label: "sysctl",
      content: sysctl(settings, node),
    },
    {
      path: "/etc/modules-load.d/groundwork.conf",
      mode: "644",
      effect: "keep",
      label: "modules",
      content: "br_netfilter\noverlay\n",
    },
    {
      path: `${ours}/wait-interface`,
      mode: "755",
      effect: "keep",
      label: "wait",
      content: waited && script("wait-interface.sh"),
    },
    {
      path: `${ours}/watch-interface`,
      mode: "755",
      effect: "keep",
      label: "watch",
      content: watched === undefined ? undefined : script("watch-interface.sh"),
    },
    { path: `${systemd}/${service}.service`, mode: "644", effect: "unit", label: "unit", content: unit(node.role) },
    {
      path: `${systemd}/${service}.service.d/10-interface.conf`,
      mode: "644",
      effect: "unit",
      label: "unit",
      content: waited && waitDropIn(waited),
    },
    {
      path: `${systemd}/groundwork-interface.service`,
      mode: "644",
      effect: "reload",
      label: "watch",
      content: watched === undefined ? undefined : watchUnit(watched, node.role),
    },
  ];
}

const scripts = new Map<string, string>();

function script(name: string): string {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(join(__dirname, "scripts", name), "utf8");
  scripts.set(name, text);
  return text;
}

/** Longhorn needs iSCSI for its volumes, and NFS for those that many pods write to (https://longhorn.io/docs, installation requirements). */
function packages(settings: Settings): string[] {
  const { nfs, longhorn } = settings.storage;
  return [
    ...(longhorn === undefined ? [] : ["iscsi"]),
    ...(nfs === undefined && longhorn === undefined ? [] : ["nfs"]),
  ];
}

/** `protect-kernel-defaults` makes the kubelet refuse other values than these (https://docs.k3s.io/security/hardening-guide). */
function sysctl(settings: Settings, node: InventoryNode): string {
  const role = node.role === "server" ? settings.k3s.server : settings.k3s.agent;
  const hardened = { ...role, ...node.settings.k3s }["protect-kernel-defaults"] === true;
  return [
    "net.ipv4.ip_forward = 1",
    // Only where it is needed: a kernel that forwards IPv6 ignores router advertisements, and with them its default route.
    ...(usesIpv6(settings) ? ["net.ipv6.conf.all.forwarding = 1"] : []),
    "-net.bridge.bridge-nf-call-iptables = 1",
    "-net.bridge.bridge-nf-call-ip6tables = 1",
    ...(hardened
      ? ["vm.panic_on_oom = 0", "vm.overcommit_memory = 1", "kernel.panic = 10", "kernel.panic_on_oops = 1"]
      : []),
    "",
  ].join("\n");
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
