import { error, warning, type Check } from "./check";

/** Host ports belong to one controller a node. */
export const hostPorts: Check = ({ ingress }) =>
  ingress.controller !== "none" && ingress.hostPorts && ingress.kind === "Deployment"
    ? [
        error(
          "ingress.hostPorts",
          "is true with kind: Deployment, whose pods compete for the ports of a node",
          "write kind: DaemonSet, or hostPorts: false",
        ),
      ]
    : [];

/** A LoadBalancer service gets an address from somebody. */
export const loadBalancer: Check = ({ ingress, k3s }) => {
  if (ingress.controller === "none" || ingress.serviceType !== "LoadBalancer" || !k3s.disable.includes("servicelb")) {
    return [];
  }
  return [
    warning(
      "ingress.serviceType",
      "is LoadBalancer, but k3s.disable leaves out servicelb, so the service stays Pending without a load balancer of your own",
      "write serviceType: NodePort, or kind: DaemonSet with hostPorts: true and serviceType: ClusterIP",
    ),
  ];
};

/** The controller can be reached from outside. */
export const reachable: Check = ({ ingress }) =>
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
export const nodePorts: Check = ({ ingress }) =>
  ingress.nodePorts !== undefined && ingress.serviceType === "ClusterIP"
    ? [
        error(
          "ingress.nodePorts",
          "has no effect with serviceType: ClusterIP",
          "write serviceType: NodePort, or remove it",
        ),
      ]
    : [];

/** k3s's own controller does not take the ports first. */
export const twoControllers: Check = ({ ingress, k3s }) =>
  ingress.controller !== "none" && !k3s.disable.includes("traefik")
    ? [
        warning(
          "k3s.disable",
          "does not name traefik, so k3s installs a second ingress controller that competes for ports 80 and 443",
          "write disable: [traefik]",
        ),
      ]
    : [];

/** Controllers of a DaemonSet are not counted. */
export const replicas: Check = ({ ingress }) =>
  ingress.controller !== "none" && ingress.kind === "DaemonSet" && ingress.replicas > 1
    ? [
        warning(
          "ingress.replicas",
          `${ingress.replicas} has no effect with kind: DaemonSet`,
          "remove it, or write kind: Deployment",
        ),
      ]
    : [];

export const ingressChecks: readonly Check[] = [
  hostPorts,
  loadBalancer,
  reachable,
  nodePorts,
  twoControllers,
  replicas,
];
