import { z } from "zod";

/**
 * One entry of `spec.acme.solvers` as cert-manager 1.21 defines it (deploy/crds/cert-manager.io_clusterissuers.yaml), written
 * down again by hand: which fields there are, which must be there, and of what kind they are. The pod template of HTTP-01,
 * a long way down into Kubernetes's own types, is looked at no further than its two parts; the API server does the rest.
 */

const text = z.string();
const texts = z.record(z.string(), z.string());
const secretRef = z.strictObject({ name: text, key: text.optional() });

/** DNS providers, one of which a solver has. */
const providers = {
  acmeDNS: z.strictObject({ host: text, accountSecretRef: secretRef }),
  akamai: z.strictObject({
    serviceConsumerDomain: text,
    clientTokenSecretRef: secretRef,
    clientSecretSecretRef: secretRef,
    accessTokenSecretRef: secretRef,
  }),
  azureDNS: z.strictObject({
    subscriptionID: text,
    resourceGroupName: text,
    clientID: text.optional(),
    clientSecretSecretRef: secretRef.optional(),
    tenantID: text.optional(),
    hostedZoneName: text.optional(),
    environment: z
      .enum(["AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud"])
      .optional(),
    zoneType: z.enum(["AzurePublicZone", "AzurePrivateZone"]).optional(),
    managedIdentity: z
      .strictObject({ clientID: text.optional(), resourceID: text.optional(), tenantID: text.optional() })
      .optional(),
  }),
  cloudDNS: z.strictObject({
    project: text,
    hostedZoneName: text.optional(),
    serviceAccountSecretRef: secretRef.optional(),
  }),
  cloudflare: z.strictObject({
    email: text.optional(),
    apiKeySecretRef: secretRef.optional(),
    apiTokenSecretRef: secretRef.optional(),
  }),
  digitalocean: z.strictObject({ tokenSecretRef: secretRef }),
  rfc2136: z.strictObject({
    nameserver: text,
    protocol: z.enum(["TCP", "UDP"]).optional(),
    tsigKeyName: text.optional(),
    tsigAlgorithm: text.optional(),
    tsigSecretSecretRef: secretRef.optional(),
  }),
  route53: z.strictObject({
    accessKeyID: text.optional(),
    accessKeyIDSecretRef: secretRef.optional(),
    secretAccessKeySecretRef: secretRef.optional(),
    auth: z
      .strictObject({
        kubernetes: z.strictObject({
          serviceAccountRef: z.strictObject({ name: text, audiences: z.array(text).optional() }),
        }),
      })
      .optional(),
    hostedZoneID: text.optional(),
    region: text.optional(),
    role: text.optional(),
  }),
  webhook: z.strictObject({ groupName: text, solverName: text, config: z.unknown().optional() }),
} as const;

const template = z.strictObject({
  metadata: z.strictObject({ annotations: texts.optional(), labels: texts.optional() }).optional(),
});
const podTemplate = template.extend({ spec: z.record(z.string(), z.unknown()).optional() });
const serviceType = z.enum(["ClusterIP", "NodePort"]).optional();

const ways = {
  ingress: z.strictObject({
    class: text.optional(),
    ingressClassName: text.optional(),
    name: text.optional(),
    serviceType,
    ingressTemplate: template.optional(),
    podTemplate: podTemplate.optional(),
  }),
  gatewayHTTPRoute: z.strictObject({
    labels: texts.optional(),
    parentRefs: z
      .array(
        z.strictObject({
          group: text.optional(),
          kind: text.optional(),
          name: text,
          namespace: text.optional(),
          port: z.number().int().optional(),
          sectionName: text.optional(),
        }),
      )
      .optional(),
    serviceType,
    podTemplate: podTemplate.optional(),
  }),
} as const;

/** A solver as cert-manager takes it, but for its selector. */
export const solverDefinition = onlyOne(
  {
    dns01: onlyOne(providers, { cnameStrategy: z.enum(["None", "Follow"]).optional() }),
    http01: onlyOne(ways, {}),
  },
  { waitInsteadOfSelfCheck: text.optional() },
);

/** An object with exactly one of some fields, and perhaps others. */
function onlyOne(choices: Readonly<Record<string, z.ZodType>>, others: z.core.$ZodShape): z.ZodType {
  const names = Object.keys(choices);
  const optional = Object.fromEntries(names.map((name) => [name, choices[name]?.optional() ?? z.unknown()]));
  return z.strictObject({ ...optional, ...others }).superRefine((value: Readonly<Record<string, unknown>>, context) => {
    const found = names.filter((name) => value[name] !== undefined);
    if (found.length === 1) return;
    const problem = found.length === 0 ? "has none of them" : `has ${found.join(" and ")}`;
    context.addIssue({ code: "custom", message: `${problem}; write exactly one of ${names.join(", ")}` });
  });
}
