import { addons } from "../addons/all";
import { hostPort } from "../config/addresses";
import type { Secret } from "../config/secret";
import type { Settings } from "../config/settings";
import { apiTunnelOf, endpointsOf, type ApiTunnel } from "./endpoints";
import { namespacesGroup } from "./namespaces";
import { nodesOf, type DesiredNodes } from "./nodes";
import { outputsOf, type PlainOutputs } from "./outputs";
import { resourcesOf, type DesiredGroup } from "../addons/resources";
import { summaryOf, type SummaryLine } from "./summary";

/** A whole stack as it is to be: everything decided, nothing created. */
export interface DesiredCluster {
  readonly project: string;
  readonly stack: string;
  /** What people call it: the context of the exported kubeconfig. */
  readonly name: string;
  /** URL of the Kubernetes API, for people and for this program. */
  readonly apiUrl: string;
  /** How this program reaches the API where it does not dial it. */
  readonly apiTunnel: ApiTunnel | undefined;
  /** Changes when the kubeconfig is to be read again. */
  readonly renewal: string;
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
  const apiTunnel = apiTunnelOf(settings, project);
  // 127.0.0.1 is always in the API's certificate (k3s: pkg/cli/server/server.go).
  const apiUrl =
    apiTunnel === undefined
      ? endpointsOf(settings, nodes.first.settings).url
      : `https://${hostPort("127.0.0.1", apiTunnel.port)}`;
  const groups = groupsOf(settings);
  const releases = resourcesOf(groups).filter((resource) => resource.is === "release");
  return {
    project,
    stack,
    name: cluster.name ?? stack,
    apiUrl,
    apiTunnel,
    renewal: cluster.renewCertificates ?? "",
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
  return [
    namespacesGroup(settings),
    { type: "groundwork:addons:Addons", name: "addons", resources: [], groups: installed, outputs: {} },
    ...decided.flatMap(({ beside }) => beside ?? []),
  ];
}
