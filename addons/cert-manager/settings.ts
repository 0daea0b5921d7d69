import { z } from "zod";
import { chartSource, dnsName, emailAddress, secret } from "../../config/schema/scalars";

/** `groundwork:certificates` */
export const certificatesSchema = chartSource.extend({
  certManager: z.boolean().default(false).describe("Install cert-manager."),
  email: emailAddress.optional().describe("Address that the certificate authority writes to; ACME issuers need it."),
  dns01Nameservers: z
    .array(z.string())
    .default([])
    .describe(
      "Resolvers for cert-manager's DNS-01 self-check, address:port; needed where the site's own resolver answers differently from the world's (split horizon).",
    ),
  dns01NameserversOnly: z
    .boolean()
    .default(true)
    .describe("Ask only these resolvers in the self-check (--dns01-recursive-nameservers-only)."),
});

const acmeServer = z
  .enum(["staging", "production"])
  .describe("Let's Encrypt's staging (untrusted, generous limits) or production service.");

/** One entry of `groundwork:issuers`; `type` says which fields apply. */
export const issuerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ca").describe("An internal certificate authority."),
    certificate: z
      .string()
      .optional()
      .describe("The authority's certificate (PEM), when it is brought along. Default: made in the cluster."),
    privateKey: secret.optional().describe("The authority's private key (PEM), when it is brought along."),
    commonName: z
      .string()
      .default("Groundwork internal CA")
      .describe("Common name of the authority made in the cluster."),
  }),
  z.strictObject({
    type: z.literal("acme-http01").describe("Let's Encrypt, proven by HTTP through the ingress controller."),
    server: acmeServer,
    email: emailAddress.optional().describe("Address that Let's Encrypt writes to. Default: certificates.email."),
  }),
  z.strictObject({
    type: z.literal("acme-dns01").describe("Let's Encrypt, proven by a DNS record set by RFC 2136 (dynamic update)."),
    server: acmeServer,
    email: emailAddress.optional().describe("Address that Let's Encrypt writes to. Default: certificates.email."),
    nameserver: z
      .string()
      .describe("Authoritative name server that accepts updates, an IP address with or without port."),
    tsigKeyName: z.string().min(1).describe("Name of the TSIG key on the name server."),
    tsigAlgorithm: z
      .enum(["HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"])
      .default("HMACSHA512")
      .describe("Algorithm of the TSIG key."),
    tsigSecret: secret.optional().describe("The TSIG key as the name server shows it (base64 text). Required."),
    zones: z.array(dnsName).default([]).describe("Zones that this issuer answers for. Default: all."),
  }),
]);

export type CertificatesSettings = z.output<typeof certificatesSchema>;
export type IssuerSettings = z.output<typeof issuerSchema>;
