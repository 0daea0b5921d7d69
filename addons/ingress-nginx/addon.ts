import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { INGRESS_NGINX } from "../ingress";
import { summaryOf, whereItAnswers } from "../ingressEntry";
import type { PinnedChart } from "../pinnedChart";
import { ingressChecks } from "./checks";
import type { IngressSettings } from "./settings";
import { ingressNginxValues } from "./values";

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
  },
  namespace: INGRESS_NGINX,
  passesRequestsOn: true,
  checks: ingressChecks,
  answersAt: ({ ingress }, hosts) => whereItAnswers(ingress, hosts),
  summary: {
    label: "ingress",
    text: ({ ingress, nodes }, named) => `${summaryOf(ingress, named, nodes)}${noteOf(ingress)}`,
  },
  decide: ({ ingress: settings, network: { serviceCidr } }) => {
    if (settings.controller !== "ingress-nginx") return { addon: undefined };
    const { group } = helmAddon({
      type: "groundwork:addons:IngressNginx",
      name: "ingress-nginx",
      namespace: INGRESS_NGINX,
      // Ports of the host are beyond the baseline level.
      podSecurity: settings.hostPorts ? "privileged" : "baseline",
      chart,
      settings,
      values: ingressNginxValues(settings, { chartVersion: settings.version ?? chart.version, serviceCidr }),
    });
    return { addon: group };
  },
};

/** What stands beside it, and that the project gives no further releases; somebody's own chart may. */
function noteOf({ beside, chart: own, repo }: IngressSettings): string {
  const traefik = beside === undefined ? "" : `; Traefik beside it, node ports ${beside.http} and ${beside.https}`;
  return own === undefined && repo === undefined
    ? `${traefik}; archived, no further releases: docs/ingress.md has the way over`
    : traefik;
}
