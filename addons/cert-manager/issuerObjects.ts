import { Secret } from "../../config/secret";
import { authorityText, directoryOf } from "./acmeServers";
import { TSIG_KEY } from "./credentials";
import type { AcmeSettings, IssuerOf, IssuerSettings } from "./settings";
import type { SolverSettings } from "./settings/solvers";
import { http01Ingress, rfc2136, selectorOf, solverObject, type SolverDefaults } from "./solverObjects";
import type { Value } from "../resources";

/** Namespace of cert-manager, where it looks for the Secrets of ClusterIssuers. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";

/** Key in the Secret that holds the key of an external account. */
export const EAB_KEY = "eab-key";

/** Names of the objects beside an issuer; all begin with its own. */
export function namesFor(issuer: string): Record<"selfSigned" | "ca" | "keyPair" | "tsig" | "account" | "eab", string> {
  return {
    selfSigned: `${issuer}-selfsigned`,
    /** The authority made in the cluster: its Certificate and the Secret that cert-manager writes. */
    ca: `${issuer}-ca`,
    /** The authority brought along. Not the name above: that Secret is cert-manager's to write. */
    keyPair: `${issuer}-keypair`,
    tsig: `${issuer}-tsig`,
    account: `${issuer}-account-key`,
    eab: `${issuer}-eab`,
  };
}

/** What the rest of the stack gives to an ACME issuer. */
export interface AcmeDefaults extends SolverDefaults {
  /** Address for issuers that name none (`certificates.email`). */
  readonly email: string | undefined;
}

/** Spec of a ClusterIssuer at an ACME authority. https://cert-manager.io/docs/configuration/acme/ */
export function acmeSpec(name: string, settings: AcmeSettings, defaults: AcmeDefaults): Value {
  const { caBundle, externalAccount, preferredChain, profile } = settings;
  const email = settings.email ?? defaults.email;
  const names = namesFor(name);
  return {
    acme: {
      server: directoryOf(settings.server),
      ...(email === undefined ? {} : { email }),
      // A field of bytes: the definition wants the PEM text in base64.
      ...(caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString("base64") }),
      ...(externalAccount === undefined
        ? {}
        : {
            externalAccountBinding: {
              keyID: externalAccount.keyID,
              keySecretRef: { name: names.eab, key: EAB_KEY },
            },
          }),
      ...(preferredChain === undefined ? {} : { preferredChain }),
      ...(profile === undefined ? {} : { profile }),
      privateKeySecretRef: { name: names.account },
      solvers: solvers(name, settings, defaults),
    },
  };
}

function solvers(name: string, settings: AcmeSettings, defaults: AcmeDefaults): Value[] {
  switch (settings.type) {
    case "acme-http01":
      return [
        defaults.gateway === undefined
          ? http01Ingress(defaults.ingressClass)
          : { http01: { gatewayHTTPRoute: { parentRefs: [{ ...defaults.gateway, kind: "Gateway" }] } } },
      ];
    case "acme-dns01": {
      const ref = { name: namesFor(name).tsig, key: TSIG_KEY };
      return [{ dns01: { rfc2136: rfc2136(settings.nameserver, settings, ref) }, ...selectorOf(settings) }];
    }
    case "acme":
      return settings.solvers.map((solver) => solverObject(solver, defaults));
  }
}

/**
 * The key of an external account as cert-manager reads it: base64url without padding, and nothing else. Authorities show
 * it in plain base64 as well.
 */
export function accountKey(key: Secret | undefined): Secret {
  if (key?.isKnown !== true) return Secret.sealed();
  return Secret.of(key.reveal().trim().replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
}

/** Spec of the Certificate of an authority made in the cluster: ten years, replaced a year before its end. */
export function caCertificateSpec(name: string, settings: IssuerOf<"ca">): Value {
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

/**
 * What browsers are to trust of an internal authority: its certificate (PEM) where it is brought along; where it is made in
 * the cluster, and is there after `up` only, the command that prints it. Never its key.
 */
export function authorityCertificate(name: string, settings: IssuerOf<"ca">): string {
  if (settings.certificate !== undefined) return settings.certificate;
  const template = `'{{index .data "tls.crt" | base64decode}}'`;
  return `kubectl get secret ${namesFor(name).ca} --namespace ${CERT_MANAGER_NAMESPACE} -o go-template=${template}`;
}

/** An issuer in a few words for people: `Let's Encrypt staging by HTTP-01`. */
export function issuerSummary(issuer: IssuerSettings): string {
  switch (issuer.type) {
    case "ca":
      return issuer.certificate === undefined ? `internal CA "${issuer.commonName}"` : "internal CA, brought along";
    case "self-signed":
      return "self-signed";
    case "acme-http01":
      return `${authorityText(issuer.server)} by HTTP-01`;
    case "acme-dns01":
      return `${authorityText(issuer.server)} by DNS-01 (RFC 2136 at ${issuer.nameserver})${forZones(issuer.zones)}`;
    case "acme":
      return `${authorityText(issuer.server)} by ${issuer.solvers.map(solverSummary).join("; ")}`;
  }
}

function solverSummary(solver: SolverSettings): string {
  const labels = Object.entries(solver.matchLabels).map(([key, value]) => `${key}=${value}`);
  return `${wayOf(solver)}${forZones([...solver.zones, ...solver.names, ...labels])}`;
}

function wayOf(solver: SolverSettings): string {
  switch (solver.type) {
    case "rfc2136":
      return `DNS-01 (RFC 2136 at ${solver.nameserver})`;
    case "webhook":
      return `DNS-01 (webhook ${solver.solverName})`;
    case "custom":
      return "a solver in cert-manager's own words";
    case "http01":
      return "HTTP-01";
    case "http01-gateway":
      return "HTTP-01 (Gateway)";
    default:
      return `DNS-01 (${PROVIDERS[solver.type]})`;
  }
}

const PROVIDERS = {
  cloudflare: "Cloudflare",
  route53: "Route 53",
  digitalocean: "DigitalOcean",
  azureDNS: "Azure DNS",
  cloudDNS: "Google Cloud DNS",
  acmeDNS: "acme-dns",
} as const;

function forZones(zones: readonly string[]): string {
  return zones.length === 0 ? "" : ` for ${zones.join(", ")}`;
}
