import type { Settings } from "./settings";

/** Where a stack's cluster comes from: machines of its own, containers that k3d makes, or somebody else. */
export type Origin = "machines" | "k3d" | "existing";

/** Where the cluster comes from; a stack that says nothing has machines. */
export function originOf({ cluster }: Pick<Settings, "cluster">): Origin {
  if (cluster.kubeconfig !== undefined) return "existing";
  return cluster.k3d === undefined ? "machines" : "k3d";
}
