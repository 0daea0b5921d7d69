import type { KubeObject } from "./fake/cluster";
import { NEXT_PATCH, type Host } from "./host";
import { member } from "./member";
import { usedBefore } from "./rolloutParts";
import { change } from "./preparations";

export const ONE = ["server:s1", "agent:a1", "agent:a2"];
export const UPGRADE = { k3s: { version: NEXT_PATCH } };

/** s1 is a server that runs, and works on the node; an upgrade is wanted. */
export async function upgrade(host: Host, node: string, changes: Record<string, unknown> = {}): Promise<void> {
  await member(host);
  await host.must("ready");
  host.node = node;
  usedBefore(host, node);
  host.addPod("web-0", node);
  change(host, { ...UPGRADE, ...changes });
}

/** What the host's step leaves to ready: the node runs the version that is wanted. */
export function converged(host: Host): void {
  host.world.cluster.node(host.node)!.status.nodeInfo.kubeletVersion = NEXT_PATCH;
}

export function put(
  host: Host,
  kind: string,
  name: string,
  more: Record<string, unknown>,
  namespace?: string,
): KubeObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: {}, annotations: {} };
  return host.world.cluster.put({ kind, metadata, ...more });
}

export const marks = (host: Host): Record<string, unknown> => {
  const { metadata, spec } = host.world.cluster.node(host.node)!;
  return {
    drained: metadata.labels["groundwork/drained"],
    cordoned: spec.unschedulable,
    check: metadata.annotations["groundwork/check"]?.replace(/\d+$/, "TIME"),
  };
};
export const FREE = { drained: undefined, cordoned: undefined, check: undefined };
