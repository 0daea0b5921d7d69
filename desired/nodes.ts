import { ofLivingNodes } from "../config/livingNodes";
import type { NodeSettings, Settings } from "../config/settings";
import { fingerprintOf, resolversDigest } from "./host/digests";
import { hostFiles } from "./host/files";
import type { HostFiles } from "./host/hostFile";
import { marksOf, type NodeMarks } from "./host/nodeMarks";
import { packagesOf } from "./host/packages";
import { imagesOf, uploadsOf, type DesiredUpload } from "./host/uploads";
import { hostSteps, type HostSteps } from "./host/steps";
import { lostNodesOf, type LostNode } from "./lost";
import { meshStepsOf, type MeshSteps } from "./mesh";
import { placeOf, type NodePlace } from "./place";

/** One machine as a node: everything that its host is to be, and when. */
export interface DesiredNode extends NodePlace {
  readonly files: HostFiles;
  /** What comes to it from the machine that runs `up`, after its token and before anything else. */
  readonly uploads: readonly DesiredUpload[];
  /** What has to be installed on the host: `nfs`, `iscsi`, `keepalived`; the distribution's names are found there. */
  readonly packages: readonly string[];
  /** Changes exactly when k3s has to restart. */
  readonly fingerprint: string;
  /** What it has in Kubernetes. */
  readonly marks: NodeMarks;
  /** The remote commands that make it a node. */
  readonly steps: HostSteps;
  /** What puts it into the WireGuard mesh, before all else; undefined without one. */
  readonly mesh: MeshSteps | undefined;
  /** The nodes that are Ready before this one is touched. */
  readonly after: readonly DesiredNode[];
  /**
   * The server that rotates the servers' token before this one gets it: the first, for the others. Once it is rotated, no server
   * starts with the token before, so all get the new one at once.
   */
  readonly rotatedBy: DesiredNode | undefined;
  /** Whether an ordinary `up` refuses to delete it. */
  readonly protect: boolean;
}

/** The machines in roll-out order: every node comes after those that it waits for. */
export interface DesiredNodes {
  /** The server that starts the cluster and that others join. */
  readonly first: DesiredNode;
  readonly otherServers: readonly DesiredNode[];
  readonly agents: readonly DesiredNode[];
  /** Those that are gone for good: forgotten before anything is done on the others. */
  readonly lost: readonly LostNode[];
}

/**
 * Gives every machine its place: servers one after another, then agents in lanes of `rollout.agentsAtOnce`. Whatever a lost one was
 * to the others (the first server, the operator of the agents, the way to join), the first that lives is from now on.
 *
 * @throws Error when there is no server; validated settings always have one.
 */
export function nodesOf(all: Settings, project: string): DesiredNodes {
  const settings = ofLivingNodes(all);
  const servers = settings.nodes.filter((node) => node.role === "server");
  const [firstSettings, ...laterSettings] = servers;
  if (firstSettings === undefined) throw new Error("nodes: no node has role: server");

  const resolvers = resolversDigest(settings);
  const decide = (node: NodeSettings, after: readonly DesiredNode[], rotatedBy?: DesiredNode): DesiredNode => {
    const place = placeOf(settings, node, { first: firstSettings, servers });
    const files = hostFiles(settings, place);
    const packages = packagesOf(settings, place.role);
    const uploads = uploadsOf(settings, place);
    const fingerprint = fingerprintOf(place.version, files, imagesOf(uploads));
    const marks = marksOf(settings, node);
    const steps = hostSteps({ project, settings, place, files, packages, fingerprint, marks, resolvers });
    const mesh = meshStepsOf(settings, node, project);
    const protect = settings.cluster.protect && node === firstSettings;
    return { ...place, files, uploads, packages, fingerprint, marks, steps, mesh, after, rotatedBy, protect };
  };

  const first = decide(firstSettings, []);
  // All that are before it, not only the last: when several are removed, the engine orders by what is removed alone.
  const otherServers: DesiredNode[] = [];
  for (const server of laterSettings) otherServers.push(decide(server, [first, ...otherServers], first));
  const agents: DesiredNode[] = [];
  for (const agent of settings.nodes.filter((node) => node.role === "agent")) {
    const before = agents[agents.length - settings.rollout.agentsAtOnce];
    agents.push(decide(agent, [first, ...otherServers, ...(before === undefined ? [] : [before])]));
  }
  const lost = lostNodesOf({ project, settings: all, by: first });
  return { first, otherServers, agents, lost };
}

/** All that live, in roll-out order; none where the cluster has no machines of the stack's own. */
export function allNodes(nodes: DesiredNodes | undefined): DesiredNode[] {
  return nodes === undefined ? [] : [nodes.first, ...nodes.otherServers, ...nodes.agents];
}
