import type { Host } from "./host";

/** A window that is always open, so that it is asked and lets everything go on. */
export const ALWAYS = { startTime: "00:00", endTime: "24:00" };

/** A Job for `rollout.check`. */
export const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "smoke" },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "smoke", image: "example/smoke:1" }] } } },
};

/** Makes a node one that was there before this run. */
export function usedBefore(host: Host, node: string): void {
  host.world.cluster.node(node)!.metadata.annotations["groundwork/applied"] = "before";
}

/** Longhorn with a volume that is well, and whose only copy it moves away from the node by itself. */
export function withLonghorn(host: Host, node: string): void {
  const put = (kind: string, name: string, more: object): unknown =>
    host.world.cluster.put({ kind, metadata: { name, labels: {}, annotations: {} }, ...more });
  put("customresourcedefinition", "volumes.longhorn.io", {});
  put("setting", "node-drain-policy", { value: "block-for-eviction" });
  put("volume", "pvc-1", { spec: { numberOfReplicas: 1 }, status: { state: "attached", robustness: "healthy" } });
  put("replica", "pvc-1-r", { spec: { volumeName: "pvc-1", nodeID: node, healthyAt: "2026-01-01T00:00:00Z" } });
}
