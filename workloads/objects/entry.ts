import { certificateSpec, keySizeOf } from "../../addons/cert-manager/certificateObjects";
import { issuedSchema, type IssuedSettings } from "../../addons/cert-manager/settings/issued";
import type { ClusterFacts } from "./facts";
import type { IngressSettings, RouteSettings, ServiceSettings } from "./entrySchema";
import { selectorOf } from "./pod";
import type { Fields, Text, WorkloadObject } from "./text";

/** Metadata that the objects of one workload share. */
export type Metadata = Fields & { readonly name: string; readonly namespace: Text };

/**
 * Has Pulumi not wait. An Ingress is ready to Pulumi once its controller wrote an address into it, which some never do; a
 * Service once it has pods, for which the Deployment is waited for anyway.
 */
export const WITHOUT_WAITING = { "pulumi.com/skipAwait": "true" };

/** Name of the Secret with the certificate of an Ingress; undefined where it has none. */
export function tlsSecretOf(name: string, { tls }: Pick<IngressSettings, "tls">): Text | undefined {
  return tls === false ? undefined : (tls.secret ?? `${name}-tls`);
}

/** The Ingress, and its certificate where an object of its own asks for it. */
export function ingressObjects(
  metadata: Metadata,
  ingress: IngressSettings & { readonly className: string },
  servicePort: string,
): WorkloadObject[] {
  const { name } = metadata;
  const { tls, hosts, path, className, annotations } = ingress;
  const secretName = tlsSecretOf(name, ingress);
  const asks = tls === false || tls.issuer === undefined ? undefined : issuedOf(ingress, tls.issuer);
  const byAnnotation = tls !== false && tls.by === "annotation" && asks !== undefined ? annotationsOf(asks) : {};
  return [
    {
      part: "ingress",
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { ...metadata, annotations: { ...WITHOUT_WAITING, ...byAnnotation, ...annotations } },
      spec: {
        ingressClassName: className,
        ...(secretName === undefined ? {} : { tls: [{ hosts, secretName }] }),
        rules: hosts.map((host) => ({
          host,
          http: {
            paths: [{ path, pathType: "Prefix", backend: { service: { name, port: { name: servicePort } } } }],
          },
        })),
      },
    },
    ...(asks === undefined || secretName === undefined || (tls !== false && tls.by === "annotation")
      ? []
      : [
          {
            part: "certificate",
            apiVersion: "cert-manager.io/v1",
            kind: "Certificate",
            metadata: { ...metadata, name: `${name}-tls` },
            // The name may be known only later, which the settings of a stack never are.
            spec: { ...(certificateSpec(`${name}-tls`, asks) as Fields), secretName },
          },
        ]),
  ];
}

/** The certificate in the words of a stack's settings. */
function issuedOf({ tls, hosts }: IngressSettings, issuer: string): IssuedSettings {
  return issuedSchema.parse({ issuer, names: hosts, ...(tls === false ? {} : tls.certificate) });
}

/** The same certificate in annotations. https://cert-manager.io/docs/usage/ingress/#supported-annotations */
function annotationsOf(issued: IssuedSettings): Record<string, string> {
  const { duration, renewBefore } = certificateSpec("", issued) as { duration: string; renewBefore?: string };
  const { algorithm, encoding, rotationPolicy } = issued.privateKey;
  const of = (entries: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [`cert-manager.io/${key}`, value]));
  return of({
    "cluster-issuer": issued.issuer,
    duration,
    ...(renewBefore === undefined ? {} : { "renew-before": renewBefore }),
    "private-key-algorithm": algorithm,
    "private-key-size": String(keySizeOf(issued)),
    "private-key-encoding": encoding,
    "private-key-rotation-policy": rotationPolicy,
    usages: issued.usages.join(","),
  });
}

/** The route of the Gateway API. */
export function routeObject(
  metadata: Metadata,
  { hosts, path, gateway, listener }: RouteSettings,
  facts: ClusterFacts,
  port: number,
): WorkloadObject {
  const { name } = metadata;
  return {
    part: "route",
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata,
    spec: {
      parentRefs: [{ ...(gateway ?? gatewayIn(facts)), ...(listener === undefined ? {} : { sectionName: listener }) }],
      hostnames: hosts,
      rules: [{ matches: [{ path: { type: "PathPrefix", value: path } }], backendRefs: [{ name, port }] }],
    },
  };
}

function gatewayIn({ gateway = "" }: ClusterFacts): Fields {
  const [namespace = "", name = ""] = gateway.split("/");
  return { namespace, name };
}

/** The Service in front of pods. */
export function serviceObject(metadata: Metadata, service: ServiceSettings, targetPort: string): WorkloadObject {
  const { type, port, nodePort, sessionAffinitySeconds } = service;
  const isInside = type === "ClusterIP";
  return {
    part: "service",
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, ...(type === "LoadBalancer" ? {} : { annotations: WITHOUT_WAITING }) },
    spec: {
      type,
      selector: selectorOf(metadata.name),
      ports: [{ name: targetPort, port, targetPort, protocol: "TCP", ...(nodePort === undefined ? {} : { nodePort }) }],
      ...(isInside ? {} : { externalTrafficPolicy: service.externalTrafficPolicy ?? "Local" }),
      ...(sessionAffinitySeconds === undefined
        ? {}
        : {
            sessionAffinity: "ClientIP",
            sessionAffinityConfig: { clientIP: { timeoutSeconds: sessionAffinitySeconds } },
          }),
    },
  };
}

/** Draining takes one pod at a time, and those that do not work never hold it up. */
export function budgetObject(metadata: Metadata): WorkloadObject {
  return {
    part: "budget",
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorOf(metadata.name) },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
