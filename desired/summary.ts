import type { Settings } from "../config/settings";
import { defaultStorageClass, localPathSource } from "../config/storageClass";
import { allNodes, type DesiredNodes } from "./nodes";
import type { DesiredRelease } from "../addons/resources";

/** One line of a summary: the answer to one question. */
export interface SummaryLine {
  readonly label: string;
  readonly text: string;
}

/** What a summary is made of. */
export interface SummaryParts {
  readonly settings: Settings;
  readonly nodes: DesiredNodes;
  readonly apiUrl: string;
  readonly releases: readonly DesiredRelease[];
}

/** The cluster on one screen: each line answers one question of somebody who sees it for the first time. */
export function summaryOf({ settings, nodes, apiUrl, releases }: SummaryParts): SummaryLine[] {
  const lines: [label: string, text: string | undefined][] = [
    ["cluster", clusterLine(settings, nodes)],
    ["API", apiUrl],
    ["network", networkLine(settings)],
    ["addresses", `pods ${settings.network.podCidr}, services ${settings.network.serviceCidr}`],
    ["node ports", settings.network.nodePortRange],
    ["DNS", dnsLine(settings)],
    ["storage", storageLine(settings)],
    ["ingress", ingressLine(settings, releases)],
    ["certificates", certificatesLine(settings, releases)],
    ["namespaces", namespacesLine(settings)],
    ["roll-out", rolloutLine(settings)],
    [
      "protected",
      settings.cluster.protect
        ? "the first server and the storage cannot be removed by an ordinary 'pulumi up'"
        : undefined,
    ],
  ];
  return lines.flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }]));
}

function clusterLine({ cluster, stack }: Settings, nodes: DesiredNodes): string {
  const { otherServers, agents } = nodes;
  const versions = allNodes(nodes).map(({ version }) => version);
  return [
    cluster.name ?? stack,
    count(1 + otherServers.length, "server"),
    ...(agents.length === 0 ? [] : [count(agents.length, "agent")]),
    `k3s ${[...new Set(versions)].join(" and ")}`,
  ].join(", ");
}

function namespacesLine({ namespaces }: Settings): string | undefined {
  const names = Object.keys(namespaces).sort();
  return names.length === 0 ? undefined : names.join(", ");
}

function networkLine({ network }: Settings): string {
  const over = network.interface === undefined ? "the nodes' default route" : `interface ${network.interface}`;
  return `${network.flannelBackend} over ${over}`;
}

function dnsLine({ dns }: Settings): string {
  const upstream = dns.upstream === undefined ? "each host's own resolvers" : dns.upstream.join(", ");
  const zones = Object.keys(dns.forward).sort();
  return zones.length === 0 ? upstream : `${upstream}; forwarded: ${zones.join(", ")}`;
}

function storageLine(settings: Settings): string {
  const defaultClass = defaultStorageClass(settings);
  const { nfs, longhorn } = settings.storage;
  const hasLocalPath = localPathSource(settings) !== "none";
  const classes = [
    ...(hasLocalPath ? [{ name: "local-path", note: "" }] : []),
    ...(nfs === undefined ? [] : [{ name: nfs.storageClass, note: ` on ${nfs.server}:${nfs.path}` }]),
    ...(longhorn === undefined ? [] : [{ name: "longhorn", note: "" }]),
  ];
  const shown = classes.map(({ name, note }) => `${name}${name === defaultClass ? " (default)" : ""}${note}`);
  return shown.length === 0 ? "none" : shown.join(", ");
}

function ingressLine({ ingress }: Settings, releases: readonly DesiredRelease[]): string {
  if (ingress.controller === "none") return "none";
  const kind = ingress.kind === "DaemonSet" ? "on every node" : count(ingress.replicas, "controller");
  const ports = ingress.nodePorts === undefined ? "" : ` ${Object.values(ingress.nodePorts).join(" and ")}`;
  const entry = ingress.hostPorts ? "host ports 80 and 443" : `${ingress.serviceType}${ports}`;
  return `${versioned(ingress.controller, releases)}, ${kind}, ${entry}`;
}

function certificatesLine({ certificates, issuers }: Settings, releases: readonly DesiredRelease[]): string {
  if (!certificates.certManager) return "none";
  const names = Object.keys(issuers).sort();
  const issuing = names.length === 0 ? "no issuer" : `${names.length === 1 ? "issuer" : "issuers"} ${names.join(", ")}`;
  return `${versioned("cert-manager", releases)}; ${issuing}`;
}

function rolloutLine({ rollout }: Settings): string {
  const drain = {
    restart: "drained before k3s restarts",
    upgrade: "drained before an upgrade",
    never: "never drained",
  };
  return `servers one by one, agents ${rollout.agentsAtOnce} at once; ${drain[rollout.drain]}`;
}

function versioned(name: string, releases: readonly DesiredRelease[]): string {
  const version = releases.find((release) => release.name === name)?.chart.version ?? "";
  return version === "" ? name : `${name} ${version}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
