import type { Settings } from "../../config/settings";
import type { Addon } from "../addon";
import { helmAddon } from "../helmAddon";
import { controllerOf } from "../ingress";
import type { PinnedChart } from "../pinnedChart";
import type { DesiredGroup, DesiredResource } from "../resources";
import { certificatesGroup } from "./certificates";
import { certManagerChecks } from "./checks";
import { issuersGroup } from "./issuers";
import { CERT_MANAGER_NAMESPACE } from "./issuerObjects";
import { proofs } from "./proofs";
import { certManagerValues } from "./values";

const chart: PinnedChart = {
  repo: "https://charts.jetstack.io",
  chart: "cert-manager",
  version: "v1.21.2",
  // Supported releases of cert-manager (1.19 and 1.20: cert-manager/website#2007; 1.21: its tests' list of images,
  // make/kind_images.sh of cert-manager/cert-manager in August 2026); `kubeVersion` of the charts is >=1.22.
  compatibility: [
    { series: "v1.21", needs: "1.22", tested: ["1.33", "1.36"] },
    { series: "v1.20", needs: "1.22", tested: ["1.32", "1.35"] },
    { series: "v1.19", needs: "1.22", tested: ["1.31", "1.35"] },
  ],
};

/** Certificates, renewed in time, and the issuers that they come from. */
export const certManager: Addon = {
  name: "cert-manager",
  path: "certificates",
  installedBy: "certificates.certManager",
  isInstalled: ({ certificates }) => certificates.certManager,
  chart,
  namespace: CERT_MANAGER_NAMESPACE,
  checks: certManagerChecks,
  summary: {
    label: "certificates",
    text: ({ issuers, certificates }, named) => [named, issuing(issuers), ...issued(certificates.issued)].join("; "),
  },
  decide: (settings, _all, before) => {
    const { certificates } = settings;
    if (!certificates.certManager) return { addon: undefined, beside: withIssuers(settings, before, []) };
    const { group, release } = helmAddon({
      type: "groundwork:addons:CertManager",
      name: "cert-manager",
      namespace: CERT_MANAGER_NAMESPACE,
      podSecurity: "restricted",
      chart,
      settings: certificates,
      values: certManagerValues(certificates, { usesGateways: usesGateways(settings) }),
    });
    // Once the release is there, its definitions are there and its webhook answers.
    return { addon: group, beside: withIssuers(settings, before, [release]) };
  },
};

/** Issuers and certificates, which wait for them. */
function withIssuers(
  settings: Settings,
  before: readonly DesiredResource[],
  after: readonly DesiredResource[],
): DesiredGroup[] {
  const issuers = issuersGroup(settings, after);
  const certificates = certificatesGroup(settings, [...before, ...issuers.resources], after);
  return [issuers, ...(certificates === undefined ? [] : [certificates])];
}

function issuing(issuers: Settings["issuers"]): string {
  const names = Object.keys(issuers).sort();
  return names.length === 0 ? "no issuer" : `${names.length === 1 ? "issuer" : "issuers"} ${names.join(", ")}`;
}

function issued(certificates: Settings["certificates"]["issued"]): string[] {
  const names = Object.keys(certificates).sort();
  return names.length === 0 ? [] : [`${names.length === 1 ? "certificate" : "certificates"} ${names.join(", ")}`];
}

/** Proofs by a Gateway, and certificates for the stack's own. */
function usesGateways(settings: Settings): boolean {
  if (controllerOf(settings.ingress)?.gateway !== undefined) return true;
  return proofs(settings).some(({ solver }) => solver?.type === "http01-gateway");
}
