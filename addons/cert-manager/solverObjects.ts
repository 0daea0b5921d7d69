import type { CertificatesSettings } from "./settings";
import type { CredentialSettings } from "./settings/credentials";
import type { SolverSettings } from "./settings/solvers";
import type { Value } from "../resources";
import type { GatewayRef } from "../ingress";
import { resolverAddress } from "../resolverAddress";
import { secretRef } from "./credentials";

/** What the rest of the stack gives to solvers. */
export interface SolverDefaults {
  /** IngressClass that answers HTTP-01 (`ingress.className`). */
  readonly ingressClass: string;
  /** The Gateway that answers in place of it, where the stack has one. */
  readonly gateway?: GatewayRef | undefined;
  readonly credentials: CertificatesSettings["credentials"];
}

type SolverOf<T extends SolverSettings["type"]> = Extract<SolverSettings, { type: T }>;
type Fields = Readonly<Record<string, Value>>;

/** An entry of `spec.acme.solvers`. https://cert-manager.io/docs/configuration/acme/#solving-challenges */
export function solverObject(solver: SolverSettings, defaults: SolverDefaults): Value {
  return { ...challenge(solver, defaults), ...selectorOf(solver) };
}

/** https://cert-manager.io/docs/configuration/acme/dns01/rfc2136/ */
export function rfc2136(
  nameserver: string,
  key: { readonly tsigKeyName: string; readonly tsigAlgorithm: string },
  ref: Value,
): Fields {
  return {
    nameserver: resolverAddress(nameserver),
    tsigKeyName: key.tsigKeyName,
    tsigAlgorithm: key.tsigAlgorithm,
    tsigSecretSecretRef: ref,
  };
}

/** Which names a solver is for; nothing where it is for all. */
export function selectorOf(solver: Partial<Pick<SolverSettings, "zones" | "names" | "matchLabels">>): Fields {
  const { zones = [], names = [], matchLabels = {} } = solver;
  const selector = {
    ...(zones.length > 0 ? { dnsZones: zones } : {}),
    ...(names.length > 0 ? { dnsNames: names } : {}),
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
  };
  return Object.keys(selector).length > 0 ? { selector } : {};
}

/** HTTP-01 through an ingress controller. https://cert-manager.io/docs/configuration/acme/http01/ */
export function http01Ingress(ingressClassName: string, more: Fields = {}): Fields {
  return { http01: { ingress: { ingressClassName, ...more } } };
}

function challenge(solver: SolverSettings, defaults: SolverDefaults): Fields {
  switch (solver.type) {
    case "custom":
      return solver.solver as Fields; // checked against the definition, see solverDefinition.ts
    case "http01":
      return http01Ingress(solver.ingressClassName ?? defaults.ingressClass, {
        ...ofService(solver.serviceType),
        ...withMetadata(solver),
      });
    case "http01-gateway":
      return {
        http01: {
          gatewayHTTPRoute: {
            parentRefs: solver.parentRefs.map((ref) => ({ ...given(ref), kind: "Gateway" })),
            ...ofService(solver.serviceType),
            ...(Object.keys(solver.labels).length > 0 ? { labels: solver.labels } : {}),
          },
        },
      };
    default: {
      const cnameStrategy = solver.cnameStrategy === "None" ? {} : { cnameStrategy: solver.cnameStrategy };
      return { dns01: { ...cnameStrategy, [solver.type]: provider(solver, defaults) } };
    }
  }
}

type DnsSolver = Exclude<SolverSettings, SolverOf<"custom" | "http01" | "http01-gateway">>;

function provider(solver: DnsSolver, { credentials }: SolverDefaults): Fields {
  switch (solver.type) {
    case "rfc2136": {
      const key = credentialsOf(solver, credentials);
      const protocol = solver.protocol === "UDP" ? {} : { protocol: solver.protocol };
      return { ...rfc2136(solver.nameserver, key, secretRef(solver.credentials, key)), ...protocol };
    }
    case "cloudflare":
      return { apiTokenSecretRef: secretRef(solver.credentials, credentialsOf(solver, credentials)) };
    case "digitalocean":
      return { tokenSecretRef: secretRef(solver.credentials, credentialsOf(solver, credentials)) };
    case "route53": {
      const { region, hostedZoneID, role } = solver;
      const own = { ...given({ region, hostedZoneID, role }) };
      if (solver.credentials === undefined) return own;
      const key = credentialsOf({ ...solver, credentials: solver.credentials }, credentials);
      const secretAccessKeySecretRef = secretRef(solver.credentials, key);
      return { ...own, accessKeyID: key.accessKeyID, secretAccessKeySecretRef };
    }
    case "azureDNS": {
      const { subscriptionID, resourceGroupName, hostedZoneName, environment, managedIdentity } = solver;
      const own = { subscriptionID, resourceGroupName, ...given({ hostedZoneName }), environment };
      if (solver.credentials === undefined) {
        return { ...own, ...(managedIdentity === undefined ? {} : { managedIdentity: given(managedIdentity) }) };
      }
      const key = credentialsOf({ ...solver, credentials: solver.credentials }, credentials);
      const clientSecretSecretRef = secretRef(solver.credentials, key);
      return { ...own, tenantID: key.tenantID, clientID: key.clientID, clientSecretSecretRef };
    }
    case "cloudDNS": {
      const own = { project: solver.project, ...given({ hostedZoneName: solver.hostedZoneName }) };
      if (solver.credentials === undefined) return own;
      const key = credentialsOf({ ...solver, credentials: solver.credentials }, credentials);
      return { ...own, serviceAccountSecretRef: secretRef(solver.credentials, key) };
    }
    case "acmeDNS":
      return {
        host: solver.host,
        accountSecretRef: secretRef(solver.credentials, credentialsOf(solver, credentials)),
      };
    case "webhook":
      return { groupName: solver.groupName, solverName: solver.solverName, config: solver.config as Value };
  }
}

/** The credentials that a solver names: there, and of its type, which is checked before anything is decided. */
function credentialsOf<T extends CredentialSettings["type"]>(
  solver: { readonly type: T; readonly credentials: string },
  all: CertificatesSettings["credentials"],
): Extract<CredentialSettings, { type: T }> {
  const found = all[solver.credentials];
  if (found?.type !== solver.type) throw new Error(`no credentials ${solver.credentials} of type ${solver.type}`);
  return found as Extract<CredentialSettings, { type: T }>;
}

/** NodePort is cert-manager's own default, and is left to it. */
function ofService(serviceType: "ClusterIP" | "NodePort"): Fields {
  return serviceType === "NodePort" ? {} : { serviceType };
}

function withMetadata({ annotations, labels }: Pick<SolverOf<"http01">, "annotations" | "labels">): Fields {
  const metadata = {
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
  return Object.keys(metadata).length > 0 ? { ingressTemplate: { metadata } } : {};
}

/** What was written of it. */
function given(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
