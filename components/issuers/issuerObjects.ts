import type { IssuerSettings } from "../../config/settings";
import { resolverAddress } from "../addons/resolverAddress";

type AcmeSettings = Exclude<IssuerSettings, { type: "ca" }>;

/** Directories of Let's Encrypt. https://letsencrypt.org/docs/acme-protocol-updates/ */
const LETS_ENCRYPT = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

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

/** What an ACME issuer needs from the rest of the stack. */
export interface AcmeContext {
  /** Address for issuers that name none (`certificates.email`). */
  readonly email: string | undefined;
  /** IngressClass that answers HTTP-01 (`ingress.className`). */
  readonly ingressClass: string;
}

/** Spec of a ClusterIssuer at Let's Encrypt. https://cert-manager.io/docs/configuration/acme/ */
export function acmeSpec(name: string, settings: AcmeSettings, context: AcmeContext): { acme: object } {
  const email = settings.email ?? context.email;
  return {
    acme: {
      server: LETS_ENCRYPT[settings.server],
      ...(email === undefined ? {} : { email }),
      privateKeySecretRef: { name: namesFor(name).account },
      solvers: [settings.type === "acme-dns01" ? dns01Solver(name, settings) : http01Solver(context.ingressClass)],
    },
  };
}

function http01Solver(ingressClassName: string): object {
  return { http01: { ingress: { ingressClassName } } };
}

/** https://cert-manager.io/docs/configuration/acme/dns01/rfc2136/ */
function dns01Solver(name: string, settings: Extract<IssuerSettings, { type: "acme-dns01" }>): object {
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
export function caCertificateSpec(name: string, settings: Extract<IssuerSettings, { type: "ca" }>): object {
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
