import type * as pulumi from "@pulumi/pulumi";
import type { IngressSettings } from "../../config/settings";
import { versions } from "../../config/versions/pins";
import type { ClusterTarget } from "../clusterTarget";
import { HelmAddon } from "./helmAddon";
import { INGRESS_NGINX_RELEASE, ingressNginxValues } from "./ingressNginxValues";

export interface IngressNginxArgs {
  readonly settings: IngressSettings;
  /** Addresses of services (`network.serviceCidr`). */
  readonly serviceCidr: string;
  readonly target: ClusterTarget;
}

/** The way in from outside, by ingress-nginx. Ingress objects wait for its release: its webhook answers then. */
export class IngressNginx extends HelmAddon {
  constructor(name: string, args: IngressNginxArgs, opts?: pulumi.ComponentResourceOptions) {
    const { settings } = args;
    super(
      "groundwork:addons:IngressNginx",
      name,
      {
        release: INGRESS_NGINX_RELEASE,
        namespace: "ingress-nginx",
        // Ports of the host are beyond the baseline level.
        podSecurity: settings.hostPorts ? "privileged" : "baseline",
        chart: {
          repo: "https://kubernetes.github.io/ingress-nginx",
          chart: "ingress-nginx",
          version: versions.ingressNginx,
        },
        settings,
        values: ingressNginxValues(settings, {
          chartVersion: settings.version ?? versions.ingressNginx,
          serviceCidr: args.serviceCidr,
        }),
        target: args.target,
      },
      opts,
    );
    this.registerOutputs({ release: this.release.name });
  }
}
