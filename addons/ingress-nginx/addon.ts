import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import type { PinnedChart } from "../pinnedChart";
import { ingressChecks } from "./checks";
import { whereItAnswers, summaryOf } from "./entry";
import { ingressNginxValues } from "./values";

const NAMESPACE = "ingress-nginx";

const chart: PinnedChart = {
  repo: "https://kubernetes.github.io/ingress-nginx",
  chart: "ingress-nginx",
  // It brings controller 1.15.1, the last release: the repository was archived on 2026-03-24.
  version: "4.15.1",
  // Supported versions table in the README of kubernetes/ingress-nginx; `kubeVersion` of the charts is >=1.21.
  compatibility: [
    { series: "4.15", needs: "1.21", tested: ["1.31", "1.35"] },
    { series: "4.14", needs: "1.21", tested: ["1.30", "1.34"] },
  ],
};

/** The way in from outside. Its release is there once its webhook answers. */
export const ingressNginx: Addon = {
  name: "ingress-nginx",
  path: "ingress",
  installedBy: "ingress.controller",
  isInstalled: ({ ingress }) => ingress.controller === "ingress-nginx",
  chart,
  decidedValues: {
    "controller.kind": "kind",
    "controller.hostPort.enabled": "hostPorts",
    "controller.service.type": "serviceType",
    "controller.ingressClassResource.name": "className",
  },
  namespace: NAMESPACE,
  checks: ingressChecks,
  answersAt: ({ ingress }, hosts) => whereItAnswers(ingress, hosts),
  summary: { label: "ingress", text: ({ ingress }, named) => summaryOf(ingress, named) },
  decide: ({ ingress: settings, network: { serviceCidr } }) => {
    if (settings.controller !== "ingress-nginx") return { addon: undefined };
    const { group } = helmAddon({
      type: "groundwork:addons:IngressNginx",
      name: "ingress-nginx",
      namespace: NAMESPACE,
      // Ports of the host are beyond the baseline level.
      podSecurity: settings.hostPorts ? "privileged" : "baseline",
      chart,
      settings,
      values: ingressNginxValues(settings, { chartVersion: settings.version ?? chart.version, serviceCidr }),
    });
    return { addon: group };
  },
};
