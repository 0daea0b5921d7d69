import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { Executor } from "./executor";
import { bare, UNKNOWN, type Values } from "./propertyValues";

/**
 * `pulumi:providers:kubernetes`: holds the kubeconfig for what is registered with it. As with the real provider
 * (`provider.go`, DiffConfig) a kubeconfig of another cluster replaces it with all it made, and so does one that is
 * not known yet; a `clusterIdentifier` that stays the same says that it is the same cluster.
 */
export const kubernetesProvider: Executor = {
  replaces: (change, before, after) => {
    const [old, young] = [before["clusterIdentifier"], after["clusterIdentifier"]];
    if (change.path[0] === "clusterIdentifier") return old !== undefined && young !== undefined;
    if (!["kubeconfig", "context", "cluster"].includes(String(change.path[0]))) return false;
    if (young !== undefined && old === young) return false;
    return change.after === UNKNOWN || !isDeepStrictEqual(activeCluster(before), activeCluster(after));
  },
  create: (work) => Promise.resolve({ id: randomUUID(), outputs: work.inputs }),
  update: (work) => Promise.resolve(work.inputs),
  delete: () => Promise.resolve(),
};

function activeCluster(inputs: Values): unknown {
  const kubeconfig = bare(inputs["kubeconfig"]);
  const config = parse(typeof kubeconfig === "string" ? kubeconfig : "") as {
    "current-context"?: string;
    contexts?: { name: string; context: { cluster: string } }[];
    clusters?: { name: string; cluster: unknown }[];
  } | null;
  const name = bare(inputs["context"]) ?? config?.["current-context"];
  const cluster = bare(inputs["cluster"]) ?? config?.contexts?.find((each) => each.name === name)?.context.cluster;
  return config?.clusters?.find((each) => each.name === cluster)?.cluster;
}
