import { z } from "zod";
import { dnsLabel, dnsName } from "../../../config/schema/scalars";

const text = z.string().min(1);
const credentials = dnsLabel.describe("Name of the credentials under certificates.credentials, of the same type.");

/** Which certificates a solver is for; where several fit, cert-manager takes the one that says most. */
const selector = {
  zones: z.array(dnsName).default([]).describe("Zones that it is for, with everything in them. Default: all."),
  names: z.array(text).default([]).describe("Single names that it is for, as a certificate has them. Default: all."),
  matchLabels: z
    .record(z.string(), z.string())
    .default({})
    .describe("Labels of the certificates that it is for. Default: all."),
};

/** What every proof by DNS may have. */
const byDns = {
  cnameStrategy: z
    .enum(["None", "Follow"])
    .default("None")
    .describe("Follow: write the proof to where a CNAME of _acme-challenge points (delegation)."),
  ...selector,
};

const serviceType = z
  .enum(["ClusterIP", "NodePort"])
  .default("NodePort")
  .describe("Type of the service that answers; ClusterIP where the controller reaches pods itself, as most do.");

const labels = z.record(z.string(), z.string()).default({});

/** One way of proving a name to an ACME authority, in cert-manager's own words. */
export const solverSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("rfc2136").describe("DNS-01 by dynamic updates: BIND, Knot, PowerDNS, Windows DNS."),
    nameserver: text.describe("Authoritative name server that takes updates, name or address, with or without port."),
    credentials,
    protocol: z.enum(["UDP", "TCP"]).default("UDP").describe("Protocol of the updates."),
    ...byDns,
  }),
  z.strictObject({ type: z.literal("cloudflare").describe("DNS-01 at Cloudflare."), credentials, ...byDns }),
  z.strictObject({
    type: z.literal("route53").describe("DNS-01 at AWS Route 53."),
    credentials: credentials.optional().describe(`${credentials.description ?? ""} Default: the node's own role.`),
    region: text.optional().describe("Region of the API. Default: the node's own."),
    hostedZoneID: text.optional().describe("Id of the hosted zone. Default: found by name."),
    role: text.optional().describe("ARN of a role to take on."),
    ...byDns,
  }),
  z.strictObject({ type: z.literal("digitalocean").describe("DNS-01 at DigitalOcean."), credentials, ...byDns }),
  z.strictObject({
    type: z.literal("azureDNS").describe("DNS-01 at Azure DNS."),
    credentials: credentials.optional().describe(`${credentials.description ?? ""} Default: a managed identity.`),
    subscriptionID: text.describe("Subscription of the zone."),
    resourceGroupName: text.describe("Resource group of the zone."),
    hostedZoneName: text.optional().describe("Name of the zone. Default: found by name."),
    environment: z
      .enum(["AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud"])
      .default("AzurePublicCloud")
      .describe("Cloud of the zone."),
    managedIdentity: z
      .strictObject({
        clientID: text.optional().describe("Client id of the identity."),
        resourceID: text.optional().describe("Resource id of the identity, in place of clientID."),
      })
      .optional()
      .describe("Which of a node's managed identities. Default: the only one."),
    ...byDns,
  }),
  z.strictObject({
    type: z.literal("cloudDNS").describe("DNS-01 at Google Cloud DNS."),
    credentials: credentials.optional().describe(`${credentials.description ?? ""} Default: the node's own account.`),
    project: text.describe("Project of the zone."),
    hostedZoneName: text.optional().describe("Name of the managed zone. Default: found by name."),
    ...byDns,
  }),
  z.strictObject({
    type: z.literal("acmeDNS").describe("DNS-01 at an acme-dns server, where CNAMEs of _acme-challenge point."),
    host: z
      .string()
      .regex(/^https?:\/\/\S+$/, "is not an address; write one like https://auth.acme-dns.io")
      .describe("Address of the acme-dns server's API."),
    credentials,
    ...byDns,
  }),
  z.strictObject({
    type: z.literal("webhook").describe("DNS-01 by a webhook solver, which is installed beside cert-manager."),
    groupName: text.describe("API group of the webhook."),
    solverName: text.describe("Name of the solver in the webhook."),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("What the webhook wants to know; secrets by reference to Secrets in the namespace cert-manager."),
    ...byDns,
  }),
  z.strictObject({
    type: z.literal("custom").describe("A solver in cert-manager's own words: an entry of spec.acme.solvers."),
    solver: z
      .record(z.string(), z.unknown())
      .describe("dns01 or http01 as cert-manager's definition has them; its selector is given beside it."),
    ...selector,
  }),
  z.strictObject({
    type: z.literal("http01").describe("HTTP-01 through an ingress controller."),
    ingressClassName: dnsName.optional().describe("IngressClass that answers. Default: ingress.className."),
    serviceType,
    annotations: labels.describe("Annotations of the Ingress that is made for the proof."),
    labels: labels.describe("Labels of the Ingress that is made for the proof."),
    ...selector,
  }),
  z.strictObject({
    type: z.literal("http01-gateway").describe("HTTP-01 through a Gateway (Gateway API)."),
    parentRefs: z
      .array(
        z.strictObject({
          name: dnsName.describe("Name of the Gateway."),
          namespace: dnsLabel.optional().describe("Namespace of the Gateway. Default: the certificate's."),
          sectionName: dnsName.optional().describe("Listener of the Gateway; it listens on port 80. Default: all."),
        }),
      )
      .min(1, "is empty; name the Gateway that listens on port 80")
      .describe("Gateways that answer on port 80."),
    serviceType,
    labels: labels.describe("Labels of the HTTPRoute that is made for the proof."),
    ...selector,
  }),
]);

export type SolverSettings = z.output<typeof solverSchema>;
