import type { ShownByPods } from "../addons/entry";
import { primary } from "../config/addresses";
import { allNodes } from "../desired/nodes";
import type { KubeList, KubeObject } from "./kubeObjects";
import type { Kubectl } from "./kubectl";
import type { Site } from "./site";

/** The fields of a pod that say whether it answers, and where. */
export interface EntryPod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The fields of a service that say where it is reached. */
export interface EntryService extends KubeObject {
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** Asks the cluster which of the entry's nodes or addresses answer now; undefined where there is nothing to ask. Changes nothing. */
export async function whoAnswers(kubectl: Kubectl, { desired }: Site): Promise<string | undefined> {
  const shownBy = desired.entry?.shownBy;
  if (shownBy === undefined) return undefined;
  if (shownBy.is === "service") {
    const { namespace, name } = shownBy;
    const found = await kubectl.json(["get", "services", "-n", namespace, `--field-selector=metadata.name=${name}`]);
    return addressesOf((found as KubeList<EntryService>).items);
  }
  const labels = Object.entries(shownBy.labels).map((pair) => pair.join("="));
  const pods = await kubectl.json(["get", "pods", "-n", shownBy.namespace, "-l", labels.join(",")]);
  const addresses = allNodes(desired.nodes).map(({ name, settings }) => [
    name,
    primary(settings.externalIp) ?? settings.address,
  ]);
  return nodesOf(shownBy, (pods as KubeList<EntryPod>).items, new Map(addresses as [string, string][]));
}

/** The nodes with a pod that is Ready. Pure. */
export function nodesOf(
  { ports }: ShownByPods,
  pods: readonly EntryPod[],
  addresses: ReadonlyMap<string, string>,
): string {
  const ready = pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  const names = new Set(ready.flatMap(({ spec }) => spec.nodeName ?? []));
  const known = [...addresses].flatMap(([name, address]) => (names.has(name) ? [address] : []));
  const others = [...names].filter((name) => !addresses.has(name));
  const all = [...new Set([...known, ...others])];
  return all.length === 0 ? `nowhere: no controller is Ready (of ${pods.length})` : `${ports} of ${all.join(", ")}`;
}

/** The addresses that a load balancer gave. Pure. */
export function addressesOf(services: readonly EntryService[]): string {
  const [service] = services;
  if (service === undefined) return "nowhere: the controller's service is not there";
  const given = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  return given.length === 0 ? "nowhere: the controller's service has no address yet" : given.join(", ");
}
