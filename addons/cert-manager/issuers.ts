import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { IssuerSettings } from "./settings";
import { object, type DesiredGroup, type DesiredObject, type DesiredResource, type Value } from "../resources";
import {
  acmeSpec,
  caCertificateSpec,
  CERT_MANAGER_NAMESPACE,
  issuerSummary,
  namesFor,
  TSIG_KEY,
  type AcmeDefaults,
} from "./issuerObjects";

/** ClusterIssuers, and the Secrets and authorities behind them. Each resource has its object's own name. */
export function issuersGroup(settings: Settings, after: readonly DesiredResource[]): DesiredGroup {
  const defaults = { email: settings.certificates.email, ingressClass: settings.ingress.className };
  return {
    type: "groundwork:issuers:ClusterIssuers",
    name: "issuers",
    resources: Object.entries(settings.issuers).flatMap(([name, issuer]) =>
      issuer.type === "ca" ? authority(name, issuer, after) : acme(name, issuer, defaults, after),
    ),
    groups: [],
    outputs: { names: Object.keys(settings.issuers) },
  };
}

type CaSettings = Extract<IssuerSettings, { type: "ca" }>;
type AcmeSettings = Exclude<IssuerSettings, { type: "ca" }>;

/** An internal authority: brought along, or signed by itself in the cluster. */
function authority(name: string, settings: CaSettings, after: readonly DesiredResource[]): DesiredObject[] {
  const names = namesFor(name);
  const summary = issuerSummary(settings);
  if (settings.certificate !== undefined) {
    const keyPair = secretObject(
      names.keyPair,
      "kubernetes.io/tls",
      { "tls.crt": settings.certificate, "tls.key": settings.privateKey ?? Secret.sealed() },
      after,
    );
    return [keyPair, clusterIssuer(name, { ca: { secretName: names.keyPair } }, [...after, keyPair], summary)];
  }
  const selfSigned = clusterIssuer(names.selfSigned, { selfSigned: {} }, after, undefined);
  const certificate = object({
    name: names.ca,
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    fields: {
      metadata: { name: names.ca, namespace: CERT_MANAGER_NAMESPACE },
      spec: caCertificateSpec(name, settings),
    },
    after: [...after, selfSigned],
  });
  return [
    selfSigned,
    certificate,
    clusterIssuer(name, { ca: { secretName: names.ca } }, [...after, certificate], summary),
  ];
}

function acme(
  name: string,
  settings: AcmeSettings,
  defaults: AcmeDefaults,
  after: readonly DesiredResource[],
): DesiredObject[] {
  const secrets =
    settings.type === "acme-dns01"
      ? [secretObject(namesFor(name).tsig, "Opaque", { [TSIG_KEY]: settings.tsigSecret ?? Secret.sealed() }, after)]
      : [];
  const spec = acmeSpec(name, settings, defaults);
  return [...secrets, clusterIssuer(name, spec, [...after, ...secrets], issuerSummary(settings))];
}

function clusterIssuer(
  name: string,
  spec: Value,
  after: readonly DesiredResource[],
  summary: string | undefined,
): DesiredObject {
  return object({
    name,
    apiVersion: "cert-manager.io/v1",
    kind: "ClusterIssuer",
    fields: { metadata: { name }, spec },
    after,
    summary,
  });
}

/** `stringData` and not `data`: what is given is already the text that cert-manager reads, and is encoded once. */
function secretObject(
  name: string,
  type: string,
  stringData: Record<string, Value>,
  after: readonly DesiredResource[],
): DesiredObject {
  const fields = { metadata: { name, namespace: CERT_MANAGER_NAMESPACE }, type, stringData };
  return object({ name, apiVersion: "v1", kind: "Secret", fields, after });
}
