import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { oldestRelease, type ClusterFacts } from "./objects/facts";
import { WorkloadError } from "./workloadError";

/** A cluster that workloads go to. */
export interface Cluster {
  readonly provider: kubernetes.Provider;
  /** What the components go by: names that are left out are taken from here, and wrong ones are found. */
  readonly facts: ClusterFacts;
}

/**
 * The cluster of a stack of Groundwork, by its outputs. Where the API is reached through SSH (`cluster.apiThrough`), keep
 * `groundwork tunnel` running.
 *
 * @param stack Full name of the stack, as `pulumi.StackReference` takes it: `organization/groundwork/prod`.
 * @throws WorkloadError when it has no kubeconfig: it was never up, or is no stack of Groundwork.
 *
 * @example
 * ```ts
 * module.exports = async () => {
 *   const cluster = await clusterOf("organization/groundwork/prod");
 *   new WebApp("shop", { cluster, … });
 * };
 * ```
 */
export async function clusterOf(stack: string, options: pulumi.ResourceOptions = {}): Promise<Cluster> {
  const reference = new pulumi.StackReference(stack, {}, options);
  const [kubeconfig, ...plain] = await Promise.all([
    reference.getOutputDetails("kubeconfig"),
    ...["ingressClass", "gateway", "issuers", "defaultStorageClass", "nodes"].map((name) =>
      reference.getOutputDetails(name),
    ),
  ]);
  const text: unknown = kubeconfig.secretValue ?? kubeconfig.value;
  if (typeof text !== "string") {
    throw new WorkloadError(
      `stack '${stack}' has no output 'kubeconfig'; run 'pulumi up' for it first, and see that it is a stack of Groundwork`,
    );
  }
  const [ingressClass, gateway, issuers, storageClass, nodes] = plain.map(({ value }) => value as unknown);
  const provider = new kubernetes.Provider(
    `cluster-${stack}`,
    // The cluster stays the same one when its API gets another address.
    { kubeconfig: pulumi.secret(text), clusterIdentifier: stack },
    options,
  );
  return { provider, facts: factsOf({ ingressClass, gateway, issuers, storageClass, nodes }) };
}

type Outputs = Readonly<Record<"ingressClass" | "gateway" | "issuers" | "storageClass" | "nodes", unknown>>;

/**
 * What the outputs tell. Those of an older Groundwork may lack some, and of a cluster that the stack does not make it knows
 * only what it has put there: no class of its own is then no class that is missing.
 */
function factsOf({ ingressClass, gateway, issuers, storageClass, nodes }: Outputs): ClusterFacts {
  const versions = Array.isArray(nodes)
    ? nodes.map((node) => String((node as { version?: unknown } | null)?.version))
    : [];
  const kubernetes = oldestRelease(versions);
  const isKnown = (name: unknown): name is string => typeof name === "string" && (name !== "" || versions.length > 0);
  return {
    ...(isKnown(ingressClass) ? { ingressClass } : {}),
    ...(isKnown(gateway) ? { gateway } : {}),
    ...(Array.isArray(issuers) && versions.length > 0 ? { issuers: issuers.map(String) } : {}),
    ...(isKnown(storageClass) ? { storageClass } : {}),
    ...(kubernetes === undefined ? {} : { kubernetes }),
  };
}
