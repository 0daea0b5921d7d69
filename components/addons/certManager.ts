import type * as pulumi from "@pulumi/pulumi";
import type { CertificatesSettings } from "../../config/settings";
import { versions } from "../../config/versions/pins";
import type { ClusterTarget } from "../clusterTarget";
import { certManagerValues } from "./certManagerValues";
import { HelmAddon } from "./helmAddon";

/** Namespace of cert-manager, where it looks for the Secrets of ClusterIssuers. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";

export interface CertManagerArgs {
  readonly settings: CertificatesSettings;
  readonly target: ClusterTarget;
}

/** Certificates, renewed in time. Once the release is there, issuers and certificates can be created. */
export class CertManager extends HelmAddon {
  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "groundwork:addons:CertManager",
      name,
      {
        release: "cert-manager",
        namespace: CERT_MANAGER_NAMESPACE,
        podSecurity: "restricted",
        chart: { repo: "https://charts.jetstack.io", chart: "cert-manager", version: versions.certManager },
        settings: args.settings,
        values: certManagerValues(args.settings),
        target: args.target,
      },
      opts,
    );
    this.registerOutputs({ release: this.release.name });
  }
}
