import { isGroup } from "../config/schema/secretPaths";
import { valueAt } from "./chartValues";
import type { IngressSettings } from "./ingress-nginx/settings";
import { mergeValues, type HelmValues } from "./mergeValues";

/** Labels of pods. */
type Labels = Readonly<Record<string, string>>;

/** What everything else asks of the ingress controller that a stack has chosen. */
export interface IngressController {
  /** IngressClass that it answers; undefined where it answers none. */
  readonly className: string | undefined;
  /** Namespace of its pods and its service. */
  readonly namespace: string;
  /** Labels of its pods. */
  readonly pods: Labels;
  /** Name of its service. */
  readonly service: string;
  /** Where its pods may run: `tolerations`, `nodeSelector`, `affinity`, `hostNetwork` as its chart has them. */
  readonly placement: HelmValues;
  /** `externalTrafficPolicy` of its service. */
  readonly trafficPolicy: unknown;
  /** The Gateway that it makes, with the listener for HTTP; undefined where it makes none. */
  readonly gateway: GatewayRef | undefined;
}

/** A Gateway as routes name it under `parentRefs`. */
export interface GatewayRef {
  readonly name: string;
  readonly namespace: string;
  readonly sectionName: string;
}

/** Name of ingress-nginx's release, which the pods' labels carry. */
export const INGRESS_NGINX = "ingress-nginx";

/** Labels of ingress-nginx's pods (the chart's templates/_helpers.tpl). */
export const INGRESS_NGINX_PODS: Labels = {
  "app.kubernetes.io/name": "ingress-nginx",
  "app.kubernetes.io/instance": INGRESS_NGINX,
  "app.kubernetes.io/component": "controller",
};

/** Where k3s installs what it brings. */
export const K3S_NAMESPACE = "kube-system";

/** Name of k3s's HelmChart for Traefik, and of its service (k3s: manifests/traefik.yaml). */
export const TRAEFIK = "traefik";

/** Labels of the Traefik that k3s brings (its chart names its pods so). */
export const TRAEFIK_PODS: Labels = { "app.kubernetes.io/name": "traefik" };

/** What k3s lets its Traefik run on all the same (k3s: manifests/traefik.yaml). A list of our own replaces it. */
export const TRAEFIK_TOLERATIONS: readonly Readonly<Record<string, string>>[] = [
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
  { key: "node-role.kubernetes.io/master", operator: "Exists", effect: "NoSchedule" },
];

/** The Gateway that Traefik's chart makes (templates/gateway.yaml), with the listener that its values have by default. */
const GATEWAY: GatewayRef = { name: "traefik-gateway", namespace: K3S_NAMESPACE, sectionName: "web" };

/** The controller that a stack has chosen; undefined where it has none. */
export function controllerOf(ingress: IngressSettings): IngressController | undefined {
  switch (ingress.controller) {
    case "none":
      return undefined;
    case "ingress-nginx": {
      const values = groupAt(ingress.values, ["controller"]);
      return {
        className: classNameOf(ingress),
        namespace: INGRESS_NGINX,
        pods: INGRESS_NGINX_PODS,
        service: `${INGRESS_NGINX}-controller`,
        placement: mergeValues({ tolerations: ingress.tolerations }, values),
        trafficPolicy: valueAt(values, ["service", "externalTrafficPolicy"]) ?? ingress.externalTrafficPolicy,
        gateway: undefined,
      };
    }
    default: {
      const isGateway = ingress.controller === "gateway";
      return {
        className: isGateway ? undefined : classNameOf(ingress),
        namespace: K3S_NAMESPACE,
        pods: TRAEFIK_PODS,
        service: TRAEFIK,
        placement: mergeValues({ tolerations: traefikTolerations(ingress) }, ingress.values),
        trafficPolicy:
          valueAt(ingress.values, ["service", "spec", "externalTrafficPolicy"]) ?? ingress.externalTrafficPolicy,
        gateway: isGateway ? GATEWAY : undefined,
      };
    }
  }
}

/** Name of the IngressClass that solvers and the controller go by; a stack without a controller may bring one of its own. */
export function classNameOf({ className, controller }: IngressSettings): string {
  return className ?? (controller === "traefik" ? "traefik" : "nginx");
}

/** k3s's own tolerations for Traefik, and the stack's. */
export function traefikTolerations({ tolerations }: Pick<IngressSettings, "tolerations">): readonly unknown[] {
  return [...TRAEFIK_TOLERATIONS, ...tolerations];
}

/** Whether k3s's Traefik is the stack's controller. */
export function isTraefik({ controller }: Pick<IngressSettings, "controller">): boolean {
  return controller === "traefik" || controller === "gateway";
}

function groupAt(values: HelmValues, path: readonly string[]): HelmValues {
  const found = valueAt(values, path);
  return isGroup(found) ? found : {};
}
