import { isGroup } from "../../config/schema/secretPaths";
import { pathText } from "../../config/problem";
import { valueAt } from "../chartValues";
import { error, warning } from "../../config/checks/check";
import { parseTaint } from "../../config/schema/kubernetesNames";
import type { NodeSettings } from "../../config/settings";
import type { AddonCheck } from "../addon";
import { originOf } from "../../config/origin";
import { classNameOf, isTraefik } from "../ingress";
import { controllerNodes } from "../ingressEntry";
import type { IngressSettings } from "./settings";

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
  if (namesLoadBalancer(ingress)) {
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
        `for a load balancer of your own write what it reads in ingress.values under ${isTraefik(ingress) ? "service" : "controller.service"}: annotations, loadBalancerClass or loadBalancerIP`,
    ),
  ];
};

/** servicelb takes the ports of a LoadBalancer service on every node (k3s: pkg/cloudprovider/servicelb.go), and a port has one owner. */
export const portsTwice: AddonCheck = ({ ingress, k3s, cluster }) =>
  ingress.controller !== "none" &&
  ingress.hostPorts &&
  ingress.serviceType === "LoadBalancer" &&
  originOf({ cluster }) !== "existing" &&
  !k3s.disable.includes("servicelb")
    ? [
        error(
          "ingress.serviceType",
          "is LoadBalancer beside hostPorts: true, and k3s's servicelb takes ports 80 and 443 of the nodes first, so no controller starts",
          "write serviceType: ClusterIP, or hostPorts: false",
        ),
      ]
    : [];

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

/** A port of the nodes has one owner. */
export const distinctPorts: AddonCheck = ({ ingress }) => {
  const { nodePorts, beside } = ingress;
  const named: [path: string, port: number | undefined][] = [
    ["ingress.nodePorts.http", nodePorts?.http],
    ["ingress.nodePorts.https", nodePorts?.https],
    ["ingress.beside.http", beside?.http],
    ["ingress.beside.https", beside?.https],
  ];
  return named.flatMap(([path, port], index) => {
    const [first] = named.slice(0, index).filter(([, other]) => port !== undefined && other === port);
    return first === undefined ? [] : [error(path, `${port} is ${first[0]} too`, "write another port")];
  });
};

/** The class is a setting of its own, by which issuers go too. */
export const className: AddonCheck = ({ ingress }) => {
  const found = valueAt(ingress.values, ["controller", "ingressClassResource", "name"]);
  if (ingress.controller !== "ingress-nginx" || found === undefined || found === classNameOf(ingress)) return [];
  return [
    error(
      "ingress.values.controller.ingressClassResource.name",
      `${JSON.stringify(found)} is not what ingress.className says ("${classNameOf(ingress)}")`,
      "write it there and leave it out of values",
    ),
  ];
};

/** k3s's own controller does not take the ports first: servicelb listens on the nodes' ports 80 and 443 for it. */
export const twoControllers: AddonCheck = ({ ingress, k3s }) => {
  if (ingress.controller !== "ingress-nginx" || k3s.disable.includes("traefik")) return [];
  // It is there on purpose, and on ports of its own.
  if (ingress.beside !== undefined) return [];
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

/** Some node takes a controller: none would answer otherwise, and a Deployment's release waits for it in vain. */
export const someNodeTakesIt: AddonCheck = ({ ingress, nodes }) => {
  if (ingress.controller === "none" || nodes.length === 0) return [];
  const { nodes: may, tolerated } = controllerNodes(ingress, nodes);
  if (may.length > 0) return [];
  if (tolerated.length === 0) {
    return [
      error(
        "ingress.tolerations",
        "tolerate no node's taints, so no controller can run",
        `write them for at least one node, e.g. ${tolerationOf(nodes[0])}`,
      ),
    ];
  }
  return [
    warning(
      isTraefik(ingress) ? "ingress.values.nodeSelector" : "ingress.values.controller.nodeSelector",
      "fits no node by the labels of nodes[].labels, so no controller runs until a node is labelled by hand",
      "write the labels in nodes[].labels",
    ),
  ];
};

function tolerationOf(node: NodeSettings | undefined): string {
  const taint = node?.taints.flatMap((text) => parseTaint(text) ?? []).find(({ effect }) => effect.startsWith("No"));
  return `tolerations: [{ key: ${taint?.key ?? ""}, operator: Exists, effect: ${taint?.effect ?? ""} }]`;
}

/** A toleration says what Kubernetes takes (kubernetes: pkg/apis/core/validation, ValidateTolerations). */
export const tolerations: AddonCheck = ({ ingress }) =>
  ingress.tolerations.flatMap(({ key, operator = "Equal", value }, index) => {
    const at = `ingress.tolerations[${index}]`;
    if (key === undefined && operator !== "Exists") {
      return [
        error(`${at}.key`, "is missing, and operator is not Exists", "write the taint's key, or operator: Exists"),
      ];
    }
    if (operator === "Exists" && value !== undefined) {
      return [
        error(`${at}.value`, `"${value}" has no effect with operator: Exists`, "write operator: Equal, or remove it"),
      ];
    }
    return [];
  });

/** Policies by namespace do not name what comes from a node's own address. */
export const hostNetwork: AddonCheck = ({ ingress, namespaces }) => {
  const place = isTraefik(ingress) ? ["hostNetwork"] : ["controller", "hostNetwork"];
  if (ingress.controller === "none" || valueAt(ingress.values, place) !== true) return [];
  return Object.entries(namespaces)
    .filter(([, { defaultDeny, allowIngressController }]) => defaultDeny && allowIngressController)
    .map(([name]) =>
      warning(
        pathText(["namespaces", name, "allowIngressController"]),
        "does not let in a controller with hostNetwork in ingress.values: its requests come from the nodes' own addresses",
        "write hostPorts: true with kind: DaemonSet and leave hostNetwork out, or a NetworkPolicy of your own with the nodes' addresses",
      ),
    );
};

/** Whether the chart's values say which load balancer the service is for. */
function namesLoadBalancer(ingress: IngressSettings): boolean {
  const places = isTraefik(ingress) ? [["service"], ["service", "spec"]] : [["controller", "service"]];
  const keys = ["annotations", "loadBalancerClass", "loadBalancerIP"];
  return places
    .flatMap((place) => keys.map((key) => valueAt(ingress.values, [...place, key])))
    .some((value) => {
      return typeof value === "string" ? value !== "" : isGroup(value) && Object.keys(value).length > 0;
    });
}

export const ingressChecks: readonly AddonCheck[] = [
  hostPorts,
  loadBalancer,
  portsTwice,
  reachable,
  nodePorts,
  distinctPorts,
  className,
  twoControllers,
  replicas,
  hostNetwork,
  tolerations,
  someNodeTakesIt,
];
