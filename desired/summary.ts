import { addons } from "../addons/all";
import { defaultStorageClass, storageClasses } from "../addons/storageClasses";
import { each } from "../config/addresses";
import { namespaceOf } from "../config/releases";
import { originOf } from "../config/origin";
import { windowText } from "../config/rolloutWindow";
import type { Settings } from "../config/settings";
import { namedFiles } from "../config/upload";
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
  /** The machines; undefined where the stack has none. */
  readonly nodes: DesiredNodes | undefined;
  /** Where the cluster comes from, where the stack has no machines. */
  readonly from: string | undefined;
  readonly apiUrl: string;
  readonly releases: readonly DesiredRelease[];
}

/** The cluster on one screen: each line answers one question of somebody who sees it for the first time. */
export function summaryOf({ settings, nodes, from, apiUrl, releases }: SummaryParts): SummaryLine[] {
  const isExisting = originOf(settings) === "existing";
  const ofK3s = (text: string): string | undefined => (isExisting ? undefined : text);
  const lines: [label: string, text: string | undefined][] = [
    ["cluster", clusterLine(settings, nodes, from)],
    ["lost", nodes === undefined ? undefined : lostLine(nodes)],
    ["uploaded", nodes === undefined ? undefined : uploadedLine(settings)],
    ["API", apiUrl === "" ? "known from the kubeconfig" : apiUrl],
    ["virtual IP", nodes === undefined ? undefined : virtualIpLine(settings, nodes)],
    ["network", nodes === undefined ? undefined : networkLine(settings)],
    ["addresses", ofK3s(addressesLine(settings))],
    ["node ports", ofK3s(settings.network.nodePortRange)],
    ["DNS", ofK3s(dnsLine(settings))],
    ["storage", storageLine(settings) ?? "none"],
    ...Object.entries({ ingress: "none", certificates: "none", ...addonLines(settings, releases) }),
    ["namespaces", namespacesLine(settings)],
    ["charts", chartsLine(settings, releases)],
    ["roll-out", nodes === undefined ? undefined : rolloutLine(settings)],
    [
      "protected",
      settings.cluster.protect
        ? "the first server and the storage cannot be removed by an ordinary 'pulumi up'"
        : undefined,
    ],
  ];
  return lines.flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }]));
}

function clusterLine({ cluster, stack }: Settings, nodes: DesiredNodes | undefined, from = ""): string {
  if (nodes === undefined) return `${cluster.name ?? stack}, ${from}`;
  const { otherServers, agents } = nodes;
  const versions = allNodes(nodes).map(({ version }) => version);
  return [
    cluster.name ?? stack,
    count(1 + otherServers.length, "server"),
    ...(agents.length === 0 ? [] : [count(agents.length, "agent")]),
    `k3s ${[...new Set(versions)].join(" and ")}`,
  ].join(", ");
}

function uploadedLine({ k3s }: Settings): string | undefined {
  const files = namedFiles(k3s.upload).map(({ file }) => file);
  return files.length === 0 ? undefined : `${files.join(", ")}, from the machine that runs 'up'`;
}

function lostLine({ lost, first }: DesiredNodes): string | undefined {
  if (lost.length === 0) return undefined;
  const names = lost.map(({ name }) => name).join(", ");
  return `${names}; ${first.name} has the cluster forget ${lost.length === 1 ? "it, and its entry is" : "them, and their entries are"} taken out with the next 'pulumi up'`;
}

function virtualIpLine({ cluster }: Settings, { first, otherServers }: DesiredNodes): string | undefined {
  const { virtualIp } = cluster;
  if (virtualIp === undefined) return undefined;
  const links = [first, ...otherServers].flatMap((node) => node.virtualIp?.interface ?? []);
  return `${virtualIp.address} on ${[...new Set(links)].join(" and ")}, of the servers one that lives`;
}

function addressesLine({ network }: Settings): string {
  const [pods, services] = [network.podCidr, network.serviceCidr].map((blocks) => each(blocks).join(" and "));
  return `pods ${pods}, services ${services}`;
}

function namespacesLine({ namespaces }: Settings): string | undefined {
  const names = Object.keys(namespaces).sort();
  return names.length === 0 ? undefined : names.join(", ");
}

function chartsLine({ releases: own }: Settings, all: readonly DesiredRelease[]): string | undefined {
  const shown = all.filter(
    ({ name, namespace }) => own[name] !== undefined && namespaceOf(name, own[name]) === namespace,
  );
  if (shown.length === 0) return undefined;
  return shown
    .map(
      ({ name, namespace, chart: { version } }) =>
        `${[name, ...(version === undefined ? [] : [version])].join(" ")} in ${namespace}`,
    )
    .join(", ");
}

function networkLine({ network }: Settings): string {
  const { wireguard } = network;
  if (wireguard !== undefined) {
    const peers = Object.keys(wireguard.peers).sort();
    const beside = peers.length === 0 ? "" : `, with ${peers.join(", ")}`;
    return `${network.flannelBackend} over the WireGuard mesh ${each(wireguard.cidr).join(" and ")} (${wireguard.interface}, UDP ${wireguard.port})${beside}`;
  }
  const over = network.interface === undefined ? "the nodes' default route" : `interface ${network.interface}`;
  return `${network.flannelBackend} over ${over}`;
}

function dnsLine({ dns }: Settings): string {
  const upstream = dns.upstream === undefined ? "each host's own resolvers" : dns.upstream.join(", ");
  const zones = Object.keys(dns.forward).sort();
  return zones.length === 0 ? upstream : `${upstream}; forwarded: ${zones.join(", ")}`;
}

function storageLine(settings: Settings): string | undefined {
  const defaultClass = defaultStorageClass(settings, addons);
  const shown = storageClasses(settings, addons).map(({ name, note }) =>
    [name, ...(name === defaultClass ? ["(default)"] : []), ...(note === undefined ? [] : [note])].join(" "),
  );
  return shown.length === 0 ? undefined : shown.join(", ");
}

/** What the installed add-ons say, by label. */
function addonLines(settings: Settings, releases: readonly DesiredRelease[]): Record<string, string> {
  const installed = addons.filter(({ isInstalled }) => isInstalled(settings, addons));
  return Object.fromEntries(
    installed.flatMap(({ name, chart, summary }) =>
      summary === undefined ? [] : [[summary.label, summary.text(settings, versioned(chart?.chart ?? name, releases))]],
    ),
  );
}

function rolloutLine({ rollout }: Settings): string {
  const drain = {
    restart: "drained before k3s restarts",
    upgrade: "drained before an upgrade",
    never: "never drained",
  };
  return [
    `servers one by one, agents ${rollout.agentsAtOnce} at once`,
    drain[rollout.drain],
    ...(rollout.check === undefined ? [] : ["rollout.check after each node"]),
    ...(rollout.window === undefined ? [] : [`k3s restarts only ${windowText(rollout.window)}`]),
  ].join("; ");
}

function versioned(name: string, releases: readonly DesiredRelease[]): string {
  const version = releases.find((release) => release.name === name)?.chart.version ?? "";
  return version === "" ? name : `${name} ${version}`;
}

/** `1 server`, `3 agents`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
