import { isGroup } from "../../config/schema/secretPaths";
import { valueAt } from "../chartValues";
import { error, warning } from "../../config/checks/check";
import type { AddonCheck } from "../addon";

/** Host ports belong to one controller a node. */
export const hostPorts: AddonCheck = ({ ingress }) =>
  ingress.controller !== "none" && ingress.hostPorts && ingress.kind === "Deployment"
    ? [
        error(
          "ingress.hostPorts",
          "is true with kind: Deployment, whose pods compete for the ports of a node",
          "write kind: DaemonSet, or hostPorts: false",
        ),
      ]
    : [];

/** A LoadBalancer service gets an address from somebody: Helm waits for it, and takes the release back without. */
export const loadBalancer: AddonCheck = (settings, _, all) => {
  const { ingress, k3s } = settings;
  if (ingress.controller === "none" || ingress.serviceType !== "LoadBalancer" || !k3s.disable.includes("servicelb")) {
    return [];
  }
  if (all.some(({ givesAddresses, isInstalled }) => givesAddresses === true && isInstalled(settings, all))) return [];
  const path = "ingress.serviceType";
  if (namesLoadBalancer(ingress.values)) {
    return [
      warning(
        path,
        "is LoadBalancer, and k3s.disable leaves out servicelb, so all depends on a load balancer of your own",
        "see to it that it runs before the ingress controller is installed",
      ),
    ];
  }
  return [
    error(
      path,
      "is LoadBalancer, but k3s.disable leaves out servicelb, so nothing gives the service an address",
      "write serviceType: NodePort, or kind: DaemonSet with hostPorts: true and serviceType: ClusterIP; " +
        "for a load balancer of your own write what it reads in ingress.values under controller.service: annotations, loadBalancerClass or loadBalancerIP",
    ),
  ];
};

/** The controller can be reached from outside. */
export const reachable: AddonCheck = ({ ingress }) =>
  ingress.controller !== "none" && ingress.serviceType === "ClusterIP" && !ingress.hostPorts
    ? [
        warning(
          "ingress.serviceType",
          "is ClusterIP without hostPorts, so the controller is reached from inside the cluster only",
          "write serviceType: LoadBalancer or NodePort, or hostPorts: true with kind: DaemonSet",
        ),
      ]
    : [];

/** Fixed ports are for a service that has ports on the nodes. */
export const nodePorts: AddonCheck = ({ ingress }) =>
  ingress.nodePorts !== undefined && ingress.serviceType === "ClusterIP"
    ? [
        error(
          "ingress.nodePorts",
          "has no effect with serviceType: ClusterIP",
          "write serviceType: NodePort, or remove it",
        ),
      ]
    : [];

/** k3s's own controller does not take the ports first: servicelb listens on the nodes' ports 80 and 443 for it. */
export const twoControllers: AddonCheck = ({ ingress, k3s }) => {
  if (ingress.controller === "none" || k3s.disable.includes("traefik")) return [];
  const remedy = "write disable: [traefik]";
  const wantsPorts = ingress.hostPorts || ingress.serviceType === "LoadBalancer";
  return [
    wantsPorts && !k3s.disable.includes("servicelb")
      ? error(
          "k3s.disable",
          "does not name traefik, and both ingress controllers want ports 80 and 443 of the nodes, which only one gets",
          remedy,
        )
      : warning("k3s.disable", "does not name traefik, so k3s installs a second ingress controller", remedy),
  ];
};

/** Controllers of a DaemonSet are not counted. */
export const replicas: AddonCheck = ({ ingress }) =>
  ingress.controller !== "none" && ingress.kind === "DaemonSet" && ingress.replicas > 1
    ? [
        warning(
          "ingress.replicas",
          `${ingress.replicas} has no effect with kind: DaemonSet`,
          "remove it, or write kind: Deployment",
        ),
      ]
    : [];

/** Whether the chart's values say which load balancer the service is for. */
function namesLoadBalancer(values: Readonly<Record<string, unknown>>): boolean {
  return ["annotations", "loadBalancerClass", "loadBalancerIP"].some((key) => {
    const value = valueAt(values, ["controller", "service", key]);
    return typeof value === "string" ? value !== "" : isGroup(value) && Object.keys(value).length > 0;
  });
}

export const ingressChecks: readonly AddonCheck[] = [
  hostPorts,
  loadBalancer,
  reachable,
  nodePorts,
  twoControllers,
  replicas,
];
