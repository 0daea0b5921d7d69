import type { IssuerSettings } from "./settings";
import type { Value } from "../resources";
import { resolverAddress } from "../resolverAddress";

type AcmeSettings = Exclude<IssuerSettings, { type: "ca" }>;

/** Directories of Let's Encrypt. https://letsencrypt.org/docs/acme-protocol-updates/ */
const LETS_ENCRYPT = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

/** Namespace of cert-manager, where it looks for the Secrets of ClusterIssuers. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";

/** Key in the Secret that holds a TSIG key. */
export const TSIG_KEY = "tsig-secret";

/** Names of the objects beside an issuer; all begin with its own. */
export function namesFor(issuer: string): Record<"selfSigned" | "ca" | "keyPair" | "tsig" | "account", string> {
  return {
    selfSigned: `${issuer}-selfsigned`,
    /** The authority made in the cluster: its Certificate and the Secret that cert-manager writes. */
    ca: `${issuer}-ca`,
    /** The authority brought along. Not the name above: that Secret is cert-manager's to write. */
    keyPair: `${issuer}-keypair`,
    tsig: `${issuer}-tsig`,
    account: `${issuer}-account-key`,
  };
}

/** What the rest of the stack gives to an ACME issuer. */
export interface AcmeDefaults {
  /** Address for issuers that name none (`certificates.email`). */
  readonly email: string | undefined;
  /** IngressClass that answers HTTP-01 (`ingress.className`). */
  readonly ingressClass: string;
}

/** Spec of a ClusterIssuer at Let's Encrypt. https://cert-manager.io/docs/configuration/acme/ */
export function acmeSpec(name: string, settings: AcmeSettings, defaults: AcmeDefaults): Value {
  const email = settings.email ?? defaults.email;
  return {
    acme: {
      server: LETS_ENCRYPT[settings.server],
      ...(email === undefined ? {} : { email }),
      privateKeySecretRef: { name: namesFor(name).account },
      solvers: [settings.type === "acme-dns01" ? dns01Solver(name, settings) : http01Solver(defaults.ingressClass)],
    },
  };
}

function http01Solver(ingressClassName: string): Value {
  return { http01: { ingress: { ingressClassName } } };
}

/** https://cert-manager.io/docs/configuration/acme/dns01/rfc2136/ */
function dns01Solver(name: string, settings: Extract<IssuerSettings, { type: "acme-dns01" }>): Value {
  return {
    dns01: {
      rfc2136: {
        nameserver: resolverAddress(settings.nameserver),
        tsigKeyName: settings.tsigKeyName,
        tsigAlgorithm: settings.tsigAlgorithm,
        tsigSecretSecretRef: { name: namesFor(name).tsig, key: TSIG_KEY },
      },
    },
    ...(settings.zones.length > 0 ? { selector: { dnsZones: settings.zones } } : {}),
  };
}

/** Spec of the Certificate of an authority made in the cluster: ten years, replaced a year before its end. */
export function caCertificateSpec(name: string, settings: Extract<IssuerSettings, { type: "ca" }>): Value {
  const names = namesFor(name);
  return {
    isCA: true,
    commonName: settings.commonName,
    secretName: names.ca,
    duration: "87600h",
    renewBefore: "8760h",
    // Never: since cert-manager 1.18 a renewal makes a new key by default, and nobody's trust in the old one would hold.
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: names.selfSigned },
  };
}

/** An issuer in a few words for people: `Let's Encrypt staging by HTTP-01`. */
export function issuerSummary(issuer: IssuerSettings): string {
  switch (issuer.type) {
    case "ca":
      return issuer.certificate === undefined ? `internal CA "${issuer.commonName}"` : "internal CA, brought along";
    case "acme-http01":
      return `Let's Encrypt ${issuer.server} by HTTP-01`;
    case "acme-dns01": {
      const zones = issuer.zones.length === 0 ? "" : ` for ${issuer.zones.join(", ")}`;
      return `Let's Encrypt ${issuer.server} by DNS-01 (RFC 2136 at ${issuer.nameserver})${zones}`;
    }
  }
}
