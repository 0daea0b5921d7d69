import { addons } from "../addons/all";
import type { Entry } from "../addons/entry";
import { hostPort } from "../config/addresses";
import { currentCluster } from "../config/kubeconfigFile";
import { ofLivingNodes } from "../config/livingNodes";
import type { Secret } from "../config/secret";
import type { Settings } from "../config/settings";
import { authoritiesIn, type DesiredAuthority } from "./authorities";
import { apiTunnelOf, apiUrlOf, type ApiTunnel } from "./endpoints";
import { digestOf } from "./host/digests";
import { k3dOf, type DesiredK3d } from "./k3d";
import { namespacesGroup } from "./namespaces";
import { nodesOf, type DesiredNodes } from "./nodes";
import { entryOf, outputsOf, type PlainOutputs } from "./outputs";
import { resourcesOf, type DesiredGroup } from "../addons/resources";
import { releasesGroup } from "./releases";
import { snapshotsGroup } from "./snapshots";
import { count, summaryOf, type SummaryLine } from "./summary";

/** A whole stack as it is to be, wherever its cluster comes from: everything decided, nothing created. */
export type DesiredStack = DesiredCluster | DesiredOnK3d | DesiredOnExisting;

/** What is in a cluster, and what the stack tells of it. */
export interface DesiredInside {
  readonly project: string;
  readonly stack: string;
  /** What people call it: the context of the exported kubeconfig. */
  readonly name: string;
  /** What is in the cluster: namespaces, add-ons, issuers. */
  readonly groups: readonly DesiredGroup[];
  readonly outputs: PlainOutputs;
  /** Where what is reached from outside answers; undefined where nothing is. */
  readonly entry: Entry | undefined;
  /** The cluster in a few lines, for people. */
  readonly summary: readonly SummaryLine[];
}

/** A cluster on machines of the stack's own. */
export interface DesiredCluster extends DesiredInside {
  readonly is: "machines";
  /** URL of the Kubernetes API, for people and for this program. */
  readonly apiUrl: string;
  /** How this program reaches the API where it does not dial it. */
  readonly apiTunnel: ApiTunnel | undefined;
  /** Changes when the kubeconfig is to be read again. */
  readonly renewal: string;
  /** Another word than before where the certificate authorities were rotated, and are to be read again; empty for none. */
  readonly authority: string;
  /** The tokens that the stack gives; those that it does not give are made once and kept. */
  readonly tokens: { readonly server: Secret | undefined; readonly agent: Secret | undefined };
  /** The machines in roll-out order. */
  readonly nodes: DesiredNodes;
  /** Authorities that are made in the cluster and told as outputs. */
  readonly authorities: readonly DesiredAuthority[];
}

/** A cluster in containers that k3d makes. */
export interface DesiredOnK3d extends DesiredInside {
  readonly is: "k3d";
  readonly k3d: DesiredK3d;
  readonly protect: boolean;
}

/** A cluster that somebody else made. */
export interface DesiredOnExisting extends DesiredInside {
  readonly is: "existing";
  readonly kubeconfig: Secret;
  /** Which cluster it is: another one makes everything in it anew. */
  readonly identifier: string;
}

/** Decides what a stack is to be. Pure: the same settings give the same stack. */
export function desiredStack(settings: Settings, project: string): DesiredStack {
  const { kubeconfig, protect } = settings.cluster;
  if (kubeconfig !== undefined) {
    const found = kubeconfig.isKnown ? currentCluster(kubeconfig.reveal()) : undefined;
    const known = typeof found === "object" ? found : { server: "", authority: "" };
    return {
      is: "existing",
      kubeconfig,
      identifier: digestOf([known.authority === "" ? known.server : known.authority]).slice(0, 16),
      ...insideOf(settings, project, { apiUrl: known.server, from: "of a kubeconfig (not made by this stack)" }),
    };
  }
  const k3d = k3dOf(settings);
  if (k3d === undefined) return desiredCluster(settings, project);
  const from = `k3d, ${count(k3d.servers, "server")}, ${count(k3d.agents, "agent")}, ${k3d.image}`;
  return { is: "k3d", k3d, protect, ...insideOf(settings, project, { apiUrl: k3d.apiUrl, from }) };
}

/** Decides a cluster on machines. Pure. */
export function desiredCluster(all: Settings, project: string): DesiredCluster {
  const settings = ofLivingNodes(all);
  const { cluster, k3s } = settings;
  const nodes = nodesOf(all, project);
  const apiTunnel = apiTunnelOf(settings, project);
  // 127.0.0.1 is always in the API's certificate (k3s: pkg/cli/server/server.go).
  const apiUrl =
    apiTunnel === undefined
      ? apiUrlOf(settings, nodes.first.settings)
      : `https://${hostPort("127.0.0.1", apiTunnel.port)}`;
  const inside = insideOf(settings, project, { apiUrl, nodes });
  return {
    is: "machines",
    apiUrl,
    apiTunnel,
    renewal: cluster.renewCertificates ?? "",
    authority: cluster.authorityRotated ?? "",
    tokens: { server: k3s.token, agent: k3s.agentToken },
    nodes,
    authorities: authoritiesIn(settings, inside.groups),
    ...inside,
  };
}

interface Outside {
  /** Empty where it is only known after `up`. */
  readonly apiUrl: string;
  readonly nodes?: DesiredNodes;
  /** Where the cluster comes from, where it has no machines. */
  readonly from?: string;
}

function insideOf(settings: Settings, project: string, { apiUrl, nodes, from }: Outside): DesiredInside {
  const snapshots = nodes === undefined ? undefined : snapshotsGroup(settings);
  const groups = groupsOf(settings, snapshots === undefined ? [] : [snapshots]);
  const releases = resourcesOf(groups).filter((resource) => resource.is === "release");
  return {
    project,
    stack: settings.stack,
    name: settings.cluster.name ?? settings.stack,
    groups,
    outputs: outputsOf(settings, nodes, apiUrl),
    entry: entryOf(settings, nodes),
    summary: summaryOf({ settings, nodes, from, apiUrl, releases }),
  };
}

function groupsOf(settings: Settings, ofMachines: readonly DesiredGroup[]): DesiredGroup[] {
  const namespaces = namespacesGroup(settings);
  const before = resourcesOf([namespaces]);
  const decided = addons.map((addon) => {
    const own = addon.decide(settings, addons, [...before]);
    if (own.addon !== undefined) before.push(...resourcesOf([own.addon]));
    return own;
  });
  const installed = decided.flatMap(({ addon }) => addon ?? []);
  const beside = decided.flatMap((each) => each.beside ?? []);
  const releases = releasesGroup(settings, [...before, ...resourcesOf(beside)]);
  return [
    namespaces,
    ...ofMachines,
    { type: "groundwork:addons:Addons", name: "addons", resources: [], groups: installed, outputs: {} },
    ...beside,
    ...(releases === undefined ? [] : [releases]),
  ];
}
