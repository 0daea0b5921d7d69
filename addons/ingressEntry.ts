import type { Entry, EntryHost } from "./entry";
import { controllerOf, isTraefik, type IngressController } from "./ingress";
import type { IngressSettings } from "./ingress-nginx/settings";
import { placementOf, rulesOf, type Placement } from "./placement";

/**
 * Where the controller answers. Only the API knows a load balancer's address, and on which nodes a few controllers run; everything
 * else is decided by the settings. Every node answers for a NodePort service with the policy Cluster; else those with a controller.
 *
 * @param hosts The nodes; undefined where the stack does not know them.
 */
export function whereItAnswers(ingress: IngressSettings, hosts: readonly EntryHost[] | undefined): Entry {
  const { namespace, service: name, pods: labels } = chosen(ingress);
  const ports = portsOf(ingress);
  if (ports === undefined) {
    const text = `kubectl get service -n ${namespace} ${name}`;
    return ingress.serviceType === "LoadBalancer" ? { text, shownBy: { is: "service", namespace, name } } : { text };
  }
  const among = (some: readonly EntryHost[] | undefined): string =>
    some === undefined ? "the cluster's nodes" : [...new Set(some.map(({ address }) => address))].join(", ");
  if (!needsController(ingress)) return { text: `${ports} of ${among(hosts)}` };
  const shownBy = { is: "pods", namespace, labels, ports } as const;
  const placement = hosts === undefined ? undefined : controllerNodes(ingress, hosts);
  if (isOnEach(ingress, placement)) return { text: `${ports} of ${among(placement?.nodes)}`, shownBy };
  return {
    text: `${ports} of those nodes among ${among(placement?.nodes)} that run a controller: ${wherePodsAre(ingress)}`,
    shownBy,
  };
}

/** The controllers in a few words: `ingress-nginx 4.15.1, on every node, host ports 80 and 443`. */
export function summaryOf(
  ingress: IngressSettings,
  named: string,
  nodes: readonly Omit<EntryHost, "address">[],
): string {
  const placement = nodes.length === 0 ? undefined : controllerNodes(ingress, nodes);
  const ports = ingress.nodePorts === undefined ? "" : ` ${Object.values(ingress.nodePorts).join(" and ")}`;
  const entry = ingress.hostPorts ? "host ports 80 and 443" : `${ingress.serviceType}${ports}`;
  return `${named}, ${howMany(ingress, nodes.length, placement)}, ${entry}${whoAnswers(ingress, nodes.length, placement)}`;
}

/** The nodes that may run a controller. */
export function controllerNodes<T extends Omit<EntryHost, "address">>(
  ingress: IngressSettings,
  nodes: readonly T[],
): Placement<T> {
  return placementOf(nodes, rulesOf(chosen(ingress).placement));
}

/** Asked of a stack with a controller only. */
function chosen(ingress: IngressSettings): IngressController {
  const controller = controllerOf(ingress);
  if (controller === undefined) throw new Error("the stack has no ingress controller");
  return controller;
}

/** Pods of k3s's Traefik stand among others in their namespace. */
function wherePodsAre(ingress: IngressSettings): string {
  const { namespace, pods } = chosen(ingress);
  const labels = Object.entries(pods).map((pair) => pair.join("="));
  return `kubectl get pods -n ${namespace} ${isTraefik(ingress) ? `-l ${labels.join(",")} ` : ""}-o wide`;
}

/** `ports 80 and 443`; undefined where the settings do not say which. */
function portsOf(ingress: IngressSettings): string | undefined {
  if (isOnHostPorts(ingress)) return "ports 80 and 443";
  const { http, https } = ingress.nodePorts ?? {};
  const isFixed = ingress.serviceType === "NodePort" && http !== undefined && https !== undefined;
  return isFixed ? `ports ${http} and ${https}` : undefined;
}

function isOnHostPorts(ingress: IngressSettings): boolean {
  return ingress.hostPorts || chosen(ingress).placement["hostNetwork"] === true;
}

/** Whether a node answers only while a controller runs on it. */
function needsController(ingress: IngressSettings): boolean {
  return isOnHostPorts(ingress) || chosen(ingress).trafficPolicy === "Local";
}

/** Whether every node that may run a controller does; few ones of a Deployment may stand together on one node. */
function isOnEach({ kind }: IngressSettings, placement: Placement<unknown> | undefined): boolean {
  if (placement === undefined) return kind === "DaemonSet";
  return placement.isCertain && (kind === "DaemonSet" || placement.nodes.length === 1);
}

function howMany({ kind, replicas }: IngressSettings, all: number, placement?: Placement<unknown>): string {
  if (kind === "Deployment") return replicas === 1 ? "1 controller" : `${replicas} controllers`;
  if (placement?.isCertain === false) return "on the nodes that its rules allow";
  const fewer = placement !== undefined && placement.nodes.length < all;
  return fewer ? `on ${placement.nodes.length} of ${all} nodes` : "on every node";
}

function whoAnswers(ingress: IngressSettings, all: number, placement: Placement<unknown> | undefined): string {
  const isFew = ingress.kind === "Deployment" && ingress.serviceType === "NodePort" && needsController(ingress);
  if (!isFew || placement === undefined) return "";
  const most = Math.min(ingress.replicas, placement.nodes.length);
  return most < all ? `, at most ${most} of ${all} nodes answer${most === 1 ? "s" : ""}` : "";
}
