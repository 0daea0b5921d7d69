import { addons } from "../addons/all";
import type { Secret } from "../config/secret";
import type { Settings } from "../config/settings";
import { endpointsOf } from "./endpoints";
import { namespacesGroup } from "./namespaces";
import { nodesOf, type DesiredNodes } from "./nodes";
import { outputsOf, type PlainOutputs } from "./outputs";
import { resourcesOf, type DesiredGroup } from "../addons/resources";
import { snapshotsGroup } from "./snapshots";
import { summaryOf, type SummaryLine } from "./summary";

/** A whole stack as it is to be: everything decided, nothing created. */
export interface DesiredCluster {
  readonly project: string;
  readonly stack: string;
  /** What people call it: the context of the exported kubeconfig. */
  readonly name: string;
  /** URL of the Kubernetes API, for people and for this program. */
  readonly apiUrl: string;
  /** The tokens that the stack gives; those that it does not give are made once and kept. */
  readonly tokens: { readonly server: Secret | undefined; readonly agent: Secret | undefined };
  /** The machines in roll-out order. */
  readonly nodes: DesiredNodes;
  /** What is in the cluster: namespaces, add-ons, issuers. */
  readonly groups: readonly DesiredGroup[];
  readonly outputs: PlainOutputs;
  /** The cluster in a few lines, for people. */
  readonly summary: readonly SummaryLine[];
}

/** Decides what a stack is to be. Pure: the same settings give the same cluster. */
export function desiredCluster(settings: Settings, project: string): DesiredCluster {
  const { cluster, k3s, stack } = settings;
  const nodes = nodesOf(settings, project);
  const apiUrl = endpointsOf(settings, nodes.first.settings).url;
  const groups = groupsOf(settings);
  const releases = resourcesOf(groups).filter((resource) => resource.is === "release");
  return {
    project,
    stack,
    name: cluster.name ?? stack,
    apiUrl,
    tokens: { server: k3s.token, agent: k3s.agentToken },
    nodes,
    groups,
    outputs: outputsOf(settings, nodes, apiUrl),
    summary: summaryOf({ settings, nodes, apiUrl, releases }),
  };
}

function groupsOf(settings: Settings): DesiredGroup[] {
  const decided = addons.map((addon) => addon.decide(settings, addons));
  const installed = decided.flatMap(({ addon }) => addon ?? []);
  const snapshots = snapshotsGroup(settings);
  return [
    namespacesGroup(settings),
    ...(snapshots === undefined ? [] : [snapshots]),
    { type: "groundwork:addons:Addons", name: "addons", resources: [], groups: installed, outputs: {} },
    ...decided.flatMap(({ beside }) => beside ?? []),
  ];
}
