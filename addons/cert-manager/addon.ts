import { versions } from "../../config/versions/pins";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { issuersGroup } from "./issuers";
import { CERT_MANAGER_NAMESPACE } from "./issuerObjects";
import { certManagerValues } from "./values";

/** Certificates, renewed in time, and the issuers that they come from. */
export const certManager: Addon = {
  name: "cert-manager",
  decide: (settings) => {
    const { certificates } = settings;
    if (!certificates.certManager) return { addon: undefined, beside: issuersGroup(settings, []) };
    const { group, release } = helmAddon({
      type: "groundwork:addons:CertManager",
      name: "cert-manager",
      release: "cert-manager",
      namespace: CERT_MANAGER_NAMESPACE,
      podSecurity: "restricted",
      chart: { repo: "https://charts.jetstack.io", chart: "cert-manager", version: versions.certManager },
      settings: certificates,
      values: certManagerValues(certificates),
    });
    // Once the release is there, its definitions are there and its webhook answers.
    return { addon: group, beside: issuersGroup(settings, [release]) };
  },
};
