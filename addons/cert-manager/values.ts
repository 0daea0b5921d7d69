import type { CertificatesSettings } from "./settings";
import type { HelmValues } from "../mergeValues";
import { resolverAddress } from "../resolverAddress";

/** Values of cert-manager 1.21. */
export function certManagerValues(
  settings: Pick<CertificatesSettings, "dns01Nameservers" | "dns01NameserversOnly">,
  { usesGateways = false }: { readonly usesGateways?: boolean } = {},
): HelmValues {
  const small = { requests: { cpu: "10m", memory: "64Mi" } };
  return {
    // keep: removing the release would otherwise remove the definitions, and with them every certificate there is.
    crds: { enabled: true, keep: true },
    ...(settings.dns01Nameservers.length > 0
      ? {
          dns01RecursiveNameservers: settings.dns01Nameservers.map(resolverAddress).join(","),
          dns01RecursiveNameserversOnly: settings.dns01NameserversOnly,
        }
      : {}),
    ...(usesGateways
      ? {
          config: {
            apiVersion: "controller.config.cert-manager.io/v1alpha1",
            kind: "ControllerConfiguration",
            // The older of two names: it is understood by every release that is listed in addon.ts.
            enableGatewayAPI: true,
          },
        }
      : {}),
    // Helm's --wait does not mean that the webhook answers; this hook does, and issuers wait for the release.
    startupapicheck: { enabled: true },
    resources: small,
    webhook: { resources: small },
    cainjector: { resources: small },
  };
}
