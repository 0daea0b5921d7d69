import { stringify } from "yaml";
import type { Addon } from "../addon";
import { isTraefik, K3S_NAMESPACE, TRAEFIK } from "../ingress";
import { summaryOf, whereItAnswers } from "../ingressEntry";
import { mergeValues, type HelmValues } from "../mergeValues";
import { object, type DesiredObject } from "../resources";
import { chartOfCluster } from "./charts";
import { traefikChecks } from "./checks";
import { traefikBeside, traefikValues } from "./values";

/** What the other controller calls its class, and itself in it. */
const NGINX_CLASS = "nginx";
const NGINX_CONTROLLER = "k8s.io/ingress-nginx";

/**
 * The Traefik that k3s brings, as the stack's ingress controller or beside another one. k3s installs it; a HelmChartConfig says
 * with which values. It is an object of Kubernetes and no manifest on the servers' disks: what a manifest made stays when it goes,
 * and with the object Traefik is k3s's own again.
 */
export const traefik: Addon = {
  name: "traefik",
  path: "ingress",
  installedBy: "ingress.controller",
  isInstalled: ({ ingress }) => isTraefik(ingress),
  checks: traefikChecks,
  answersAt: ({ ingress }, hosts) => whereItAnswers(ingress, hosts),
  summary: {
    label: "ingress",
    text: ({ ingress, nodes }) => {
      const api = ingress.controller === "gateway" ? " for the Gateway API" : "";
      const more = ingress.nginxAnnotations ? "; Ingresses of the class nginx too" : "";
      return `${summaryOf(ingress, `k3s's Traefik${api}`, nodes)}${more}`;
    },
  },
  decide: (settings) => {
    const { ingress, network } = settings;
    const chart = chartOfCluster(settings);
    const { beside } = ingress;
    // A k3s whose chart is not known is a problem, see checks.ts.
    if (chart === undefined) return { addon: undefined };
    const context = { chart, serviceCidr: network.serviceCidr };
    const objects = isTraefik(ingress)
      ? [
          chartConfig(mergeValues(traefikValues(ingress, context), ingress.values)),
          ...(ingress.nginxAnnotations ? [nginxClass()] : []),
        ]
      : ingress.controller === "ingress-nginx" && beside !== undefined
        ? [chartConfig(traefikBeside(beside, context))]
        : [];
    if (objects.length === 0) return { addon: undefined };
    return {
      addon: {
        type: "groundwork:addons:Traefik",
        name: "traefik",
        resources: objects,
        groups: [],
        outputs: { chartConfig: TRAEFIK },
      },
    };
  },
};

/** https://docs.k3s.io/add-ons/helm#customizing-packaged-components-with-helmchartconfig */
function chartConfig(values: HelmValues): DesiredObject {
  return object({
    name: "traefik",
    apiVersion: "helm.cattle.io/v1",
    kind: "HelmChartConfig",
    fields: {
      metadata: { name: TRAEFIK, namespace: K3S_NAMESPACE },
      spec: { valuesContent: stringify(values) },
    },
    summary: "values of the Traefik that k3s brings",
  });
}

/** Traefik reads ingress-nginx's Ingresses by their class, which goes with ingress-nginx. */
function nginxClass(): DesiredObject {
  return object({
    name: "nginx-class",
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    fields: { metadata: { name: NGINX_CLASS }, spec: { controller: NGINX_CONTROLLER } },
    summary: "the class of ingress-nginx, for Traefik",
  });
}
