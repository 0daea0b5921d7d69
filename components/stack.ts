import * as pulumi from "@pulumi/pulumi";
import type { DesiredStack } from "../desired/cluster";
import type { PlainOutputs } from "../desired/outputs";
import type { DesiredResource } from "../addons/resources";
import type { ClusterTarget } from "./clusterTarget";
import { ExistingCluster } from "./existingCluster";
import { Group } from "./group";
import { K3dCluster } from "./k3dCluster";
import { readAuthority } from "./k3s/authority";
import { K3sCluster } from "./k3s/cluster";

/** What a stack tells those who use it (`pulumi stack output`). */
export interface StackOutputs extends Omit<PlainOutputs, "authorities"> {
  /** The certificate (PEM) of each internal authority, or the command that prints it. */
  readonly authorities: pulumi.Input<PlainOutputs["authorities"]>;
  /** Kubeconfig with the API's address from outside and a context named after the cluster; secret. */
  readonly kubeconfig: pulumi.Output<string>;
}

/**
 * Creates everything that was decided.
 *
 * @param reachable Settles when the API can be dialled, where this program opens the way to it.
 */
export function createStack(desired: DesiredStack, reachable?: Promise<unknown>): StackOutputs {
  const cluster = createCluster(desired, reachable);
  const created = new Map<DesiredResource, pulumi.Resource>();
  for (const group of desired.groups) new Group({ group, target: cluster.target, created });
  return { kubeconfig: cluster.kubeconfig, ...desired.outputs, authorities: authoritiesOf(desired, created) };
}

/** What is known of the authorities, and over it what is read in the cluster. */
function authoritiesOf(
  desired: DesiredStack,
  created: ReadonlyMap<DesiredResource, pulumi.Resource>,
): StackOutputs["authorities"] {
  const { authorities } = desired.outputs;
  if (desired.is !== "machines" || desired.authorities.length === 0) return authorities;
  const read = desired.authorities.map((authority) => {
    const after = authority.after.flatMap((before) => created.get(before) ?? []);
    return [authority.issuer, readAuthority(authority, desired.nodes.first, after)] as const;
  });
  return pulumi.all({ ...authorities, ...Object.fromEntries(read) });
}

/** The cluster, wherever it comes from. */
function createCluster(
  desired: DesiredStack,
  reachable: Promise<unknown> | undefined,
): { kubeconfig: pulumi.Output<string>; target: ClusterTarget } {
  switch (desired.is) {
    case "machines":
      return new K3sCluster("cluster", { desired, ...(reachable === undefined ? {} : { reachable }) });
    case "k3d":
      return new K3dCluster("cluster", desired);
    case "existing":
      return new ExistingCluster("cluster", desired);
  }
}
