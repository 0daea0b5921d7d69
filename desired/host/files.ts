import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_API_PORT, usesIpv6 } from "../../config/addresses";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import { CHECK_API, KEEPALIVED_CONFIG, keepalivedConfig, VIRTUAL_IP_UNIT } from "./keepalived";
import { completionFiles } from "./completion";
import { noProxyFiles } from "./environment";
import { givenFiles } from "./givenFiles";
import type { HostFile, HostFiles } from "./hostFile";
import { configText, joinConfig, K3S_DIRECTORY, k3sConfig, RESOLV_CONF, resolvConf } from "./k3sConfig";
import { secretFiles } from "./secretFiles";
import { serviceName } from "./serviceName";
import { unit, waitDropIn, watchUnit } from "./units";

/** Decides the files of one node. */
export function hostFiles(settings: Settings, place: NodePlace): HostFiles {
  const candidates = candidatesOf(settings, place);
  return {
    put: [
      ...candidates.filter((file): file is HostFile => file.content !== undefined),
      ...noProxyFiles(settings, place),
      ...completionFiles(settings, place),
      ...givenFiles(settings, place),
    ],
    secret: secretFiles(settings, place),
    drop: candidates
      .filter((file) => file.content === undefined)
      .map(({ path, effect, label }) => ({ path, effect, label })),
  };
}

type Candidate = Omit<HostFile, "content" | "given"> & { readonly content: string | undefined };

function candidatesOf(settings: Settings, node: NodePlace): Candidate[] {
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
      content: renewalLine(settings) + portNote(settings, node) + configText(k3sConfig(settings, node)),
    },
    {
      path: `${K3S_DIRECTORY}/config.yaml.d/10-join.yaml`,
      mode: "600",
      effect: "keep",
      label: "join",
      content: configText(joinConfig(node)),
    },
    // The kubelet reads it for each new pod, so k3s need not restart for it; CoreDNS must (scripts/ready.sh).
    { path: RESOLV_CONF, mode: "644", effect: "keep", label: "resolvers", content: resolvConf(settings) },
    {
      path: "/etc/sysctl.d/90-groundwork.conf",
      mode: "644",
      effect: "keep",
      label: "sysctl",
      content: settings.k3s.prepareHosts ? sysctl(settings, node) : undefined,
    },
    {
      path: "/etc/modules-load.d/groundwork.conf",
      mode: "644",
      effect: "keep",
      label: "modules",
      content: settings.k3s.prepareHosts ? "br_netfilter\noverlay\n" : undefined,
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
    ...virtualIpFiles(node),
  ];
}

/** Those of the virtual IP; whether keepalived has read them is seen to on the host (scripts/virtualIp.sh). */
function virtualIpFiles({ name, virtualIp }: NodePlace): Candidate[] {
  const has = virtualIp !== undefined;
  return [
    {
      path: KEEPALIVED_CONFIG,
      mode: "644",
      effect: "keep",
      label: "virtual-ip",
      content: has ? keepalivedConfig(name, virtualIp) : undefined,
    },
    {
      path: CHECK_API,
      mode: "755",
      effect: "keep",
      label: "virtual-ip",
      content: has ? script("check-api.sh") : undefined,
    },
    {
      path: "/etc/systemd/system/groundwork-vip.service",
      mode: "644",
      effect: "reload",
      label: "virtual-ip",
      content: has ? VIRTUAL_IP_UNIT : undefined,
    },
  ];
}

/** An agent goes to the port that it was started with, so it has to restart when the servers take another one. */
function portNote({ cluster }: Settings, { role }: NodePlace): string {
  if (role === "server" || cluster.apiPort === DEFAULT_API_PORT) return "";
  return `# The servers listen on port ${String(cluster.apiPort)}.\n`;
}

/** k3s renews its certificates when it starts, if they end within 120 days (pkg/daemons/config/types.go): another line restarts it. */
function renewalLine({ cluster }: Settings): string {
  return cluster.renewCertificates === undefined ? "" : `# certificates renewed: ${cluster.renewCertificates}\n`;
}

const scripts = new Map<string, string>();

function script(name: string): string {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(join(__dirname, name), "utf8");
  scripts.set(name, text);
  return text;
}

/**
 * Kernel parameters that k3s needs, as `name = value`. `protect-kernel-defaults` makes the kubelet refuse other values than these
 * (https://docs.k3s.io/security/hardening-guide).
 */
export function kernelParameters(settings: Settings, node: NodePlace): string[] {
  const role = node.role === "server" ? settings.k3s.server : settings.k3s.agent;
  const hardened = { ...role, ...node.settings.k3s }["protect-kernel-defaults"] === true;
  return [
    "net.ipv4.ip_forward = 1",
    // Only where it is needed: a kernel that forwards IPv6 ignores router advertisements, and with them its default route.
    ...(usesIpv6(settings) ? ["net.ipv6.conf.all.forwarding = 1"] : []),
    ...(hardened
      ? ["vm.panic_on_oom = 0", "vm.overcommit_memory = 1", "kernel.panic = 10", "kernel.panic_on_oops = 1"]
      : []),
  ];
}

/** The dash lets a line fail: the bridge's have no place before its module is loaded. */
function sysctl(settings: Settings, node: NodePlace): string {
  const isOfNetwork = (line: string): boolean => line.startsWith("net.");
  const lines = kernelParameters(settings, node);
  return [
    ...lines.filter(isOfNetwork),
    "-net.bridge.bridge-nf-call-iptables = 1",
    "-net.bridge.bridge-nf-call-ip6tables = 1",
    ...lines.filter((line) => !isOfNetwork(line)),
    "",
  ].join("\n");
}
