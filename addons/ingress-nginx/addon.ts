import { versions } from "../../config/versions/pins";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { INGRESS_NGINX_RELEASE, ingressNginxValues } from "./values";

/** The way in from outside. Its release is there once its webhook answers. */
export const ingressNginx: Addon = {
  name: "ingress-nginx",
  decide: ({ ingress: settings, network: { serviceCidr } }) => {
    if (settings.controller !== "ingress-nginx") return { addon: undefined };
    const version = versions.ingressNginx;
    const { group } = helmAddon({
      type: "groundwork:addons:IngressNginx",
      name: "ingress-nginx",
      release: INGRESS_NGINX_RELEASE,
      namespace: "ingress-nginx",
      // Ports of the host are beyond the baseline level.
      podSecurity: settings.hostPorts ? "privileged" : "baseline",
      chart: { repo: "https://kubernetes.github.io/ingress-nginx", chart: "ingress-nginx", version },
      settings,
      values: ingressNginxValues(settings, { chartVersion: settings.version ?? version, serviceCidr }),
    });
    return { addon: group };
  },
};
