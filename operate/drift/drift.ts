import type { DesiredNode } from "../../desired/nodes";
import type { Host } from "../host";
import type { KubeList, KubeNode } from "../kubeObjects";
import { kubectlOf, type Kubectl } from "../kubectl";
import { askAll, type Site } from "../site";
import { compareHost } from "./compareHost";
import { compareNode } from "./compareNode";
import { compareReleases, knownReleases, releasesOf } from "./compareReleases";
import type { Drift } from "./finding";
import { driftProgram, hostStateOf, type HostState } from "./host";

/** What came of comparing a site with its stack file. */
export interface SiteDrift {
  /** Every node in roll-out order, with what it has otherwise. */
  readonly nodes: readonly {
    readonly name: string;
    readonly drifts: readonly Drift[];
    /** Lines of its files that differ, where they were asked for. */
    readonly changed: readonly { readonly path: string; readonly lines: readonly string[] }[];
    /** Why the host was not compared; undefined where it was. */
    readonly silent: string | undefined;
    /** The settings of its k3s changed since the last `up`: some of it is not drift, but not brought yet. */
    readonly isBehind: boolean;
  }[];
  readonly releases: readonly Drift[];
  /** Why the cluster's API was not asked; undefined where it answered. */
  readonly api: string | undefined;
}

export interface DriftOptions {
  /** Whether the lines of files that differ are told; they may hold what is nobody else's business. */
  readonly showLines: boolean;
  /** Called when a host has answered, or was not reached. */
  readonly answered: (host: Host) => void;
}

/** Compares every host, every node and every release with the stack file, all at once. Changes nothing. */
export async function driftOf(site: Site, options: DriftOptions): Promise<SiteDrift> {
  const [replies, cluster] = await Promise.all([
    askAll(site.hosts, (host) => stateOf(host, options.showLines).finally(() => options.answered(host))),
    clusterOf(site).catch((error: unknown): Cluster => ({ silent: messageOf(error) })),
  ]);
  const nodes = replies.map((reply) => {
    const { node } = reply.host;
    const inCluster = "silent" in cluster ? [] : compareNode(node, cluster.nodes.get(node.name));
    const isBehind = !("silent" in cluster) && appliedDiffers(node, cluster.nodes.get(node.name));
    if ("error" in reply) {
      return { name: node.name, drifts: inCluster, changed: [], silent: reply.error.message, isBehind };
    }
    const changed = reply.value.files.flatMap(({ path, lines }) => (lines.length === 0 ? [] : [{ path, lines }]));
    return {
      name: node.name,
      drifts: [...compareHost(node, reply.value), ...inCluster],
      changed,
      silent: undefined,
      isBehind,
    };
  });
  if ("silent" in cluster) return { nodes, releases: [], api: cluster.silent };
  return { nodes, releases: compareReleases(releasesOf(site.desired.groups), cluster.releases), api: undefined };
}

async function stateOf(host: Host, showLines: boolean): Promise<HostState> {
  return hostStateOf(await host.runProgram(driftProgram(host.node, showLines), "drift"));
}

/** What ready.sh wrote down when it brought the settings last. */
function appliedDiffers({ fingerprint }: DesiredNode, known: KubeNode | undefined): boolean {
  const applied = known?.metadata.annotations?.["groundwork/applied"];
  return applied !== undefined && applied !== fingerprint;
}

type Cluster =
  | { readonly silent: string }
  | {
      readonly nodes: ReadonlyMap<string, KubeNode>;
      readonly releases: Awaited<ReturnType<typeof knownReleases>>;
    };

async function clusterOf(site: Site): Promise<Cluster> {
  const kubectl = await kubectlOf(site);
  const [nodes, releases] = await Promise.all([
    nodesOf(kubectl),
    knownReleases(kubectl, releasesOf(site.desired.groups)),
  ]);
  return { nodes, releases };
}

async function nodesOf(kubectl: Kubectl): Promise<ReadonlyMap<string, KubeNode>> {
  const { items } = (await kubectl.json(["get", "nodes"])) as KubeList<KubeNode>;
  return new Map(items.map((node) => [node.metadata.name, node]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
