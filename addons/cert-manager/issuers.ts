import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import { credentialsSecret, secretData, TSIG_KEY } from "./credentials";
import type { AcmeSettings, CertificatesSettings, IssuerOf, IssuerSettings } from "./settings";
import type { SolverSettings } from "./settings/solvers";
import { classNameOf, controllerOf } from "../ingress";
import { object, type DesiredGroup, type DesiredObject, type DesiredResource, type Value } from "../resources";
import {
  accountKey,
  acmeSpec,
  caCertificateSpec,
  CERT_MANAGER_NAMESPACE,
  issuerSummary,
  EAB_KEY,
  namesFor,
  type AcmeDefaults,
} from "./issuerObjects";

/** ClusterIssuers, and the Secrets and authorities behind them. Each resource has its object's own name. */
export function issuersGroup(settings: Settings, after: readonly DesiredResource[]): DesiredGroup {
  const { email, credentials } = settings.certificates;
  const shared = new Map(
    Object.entries(credentials).map(([name, each]) => [
      name,
      secretObject(credentialsSecret(name), "Opaque", secretData(each), after),
    ]),
  );
  const http01 = { ingressClass: classNameOf(settings.ingress), gateway: controllerOf(settings.ingress)?.gateway };
  const acmeOf = acmeIssuers({ email, credentials, ...http01 }, shared, after);
  return {
    type: "groundwork:issuers:ClusterIssuers",
    name: "issuers",
    resources: [
      ...shared.values(),
      ...Object.entries(settings.issuers).flatMap(([name, issuer]) => objectsOf(name, issuer, acmeOf, after)),
    ],
    groups: [],
    outputs: { names: Object.keys(settings.issuers) },
  };
}

type ObjectsOf<T> = (name: string, settings: T) => DesiredObject[];

function objectsOf(
  name: string,
  issuer: IssuerSettings,
  acmeOf: ObjectsOf<AcmeSettings>,
  after: readonly DesiredResource[],
): DesiredObject[] {
  switch (issuer.type) {
    case "ca":
      return authority(name, issuer, after);
    case "self-signed":
      return [clusterIssuer(name, { selfSigned: {} }, after, issuerSummary(issuer))];
    default:
      return acmeOf(name, issuer);
  }
}

/** An internal authority: brought along, or signed by itself in the cluster. */
function authority(name: string, settings: IssuerOf<"ca">, after: readonly DesiredResource[]): DesiredObject[] {
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

/** @param shared The Secrets of credentials, by the credentials' name. */
function acmeIssuers(
  defaults: AcmeDefaults,
  shared: ReadonlyMap<string, DesiredObject>,
  after: readonly DesiredResource[],
): ObjectsOf<AcmeSettings> {
  return (name, settings) => {
    const names = namesFor(name);
    const own = {
      ...(settings.type === "acme-dns01"
        ? { [names.tsig]: { [TSIG_KEY]: settings.tsigSecret ?? Secret.sealed() } }
        : {}),
      ...(settings.externalAccount === undefined
        ? {}
        : { [names.eab]: { [EAB_KEY]: accountKey(settings.externalAccount.key) } }),
    };
    const secrets = Object.entries(own).map(([secret, data]) => secretObject(secret, "Opaque", data, after));
    const used = settings.type === "acme" ? credentialsOf(settings.solvers, defaults.credentials) : [];
    const read = used.flatMap((each) => shared.get(each) ?? []);
    const spec = acmeSpec(name, settings, defaults);
    return [...secrets, clusterIssuer(name, spec, [...after, ...secrets, ...read], issuerSummary(settings))];
  };
}

/** Names of the credentials that solvers read; what a webhook or a custom solver refers to is its own business. */
function credentialsOf(solvers: readonly SolverSettings[], all: CertificatesSettings["credentials"]): string[] {
  const named = solvers.flatMap((solver) => ("credentials" in solver ? (solver.credentials ?? []) : []));
  const isFree = solvers.some(({ type }) => type === "webhook" || type === "custom");
  const free = Object.keys(all).filter((name) => isFree && all[name]?.type === "other");
  return [...new Set([...named, ...free])];
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
