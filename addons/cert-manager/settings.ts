import { z } from "zod";
import { chartSource, dnsLabel, dnsName, emailAddress, secret } from "../../config/schema/scalars";
import { credentialSchema, tsigAlgorithm } from "./settings/credentials";
import { issuedSchema } from "./settings/issued";
import { solverSchema } from "./settings/solvers";

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
  credentials: z
    .record(dnsLabel, credentialSchema)
    .default({})
    .describe("What DNS providers know us by: each is given once, and solvers of any issuer name it."),
  issued: z
    .record(dnsLabel, issuedSchema)
    .default({})
    .describe("Certificates by name, each kept in a Secret and renewed."),
});

/** What every ACME issuer may have. https://cert-manager.io/docs/configuration/acme/ */
const acme = {
  server: z
    .string()
    .regex(
      /^(staging|production|https:\/\/[^\s/]+\S*)$/,
      "is not an ACME server; write staging or production for Let's Encrypt, or the https address of another one's directory",
    )
    .describe(
      "Let's Encrypt's staging (untrusted, generous limits) or production service, or the directory of another ACME authority: https://….",
    ),
  email: emailAddress.optional().describe("Address that the authority writes to. Default: certificates.email."),
  caBundle: z
    .string()
    .optional()
    .describe("Certificates (PEM) that vouch for the ACME server itself, where the world's do not."),
  externalAccount: z
    .strictObject({
      keyID: z.string().min(1).describe("Key id that the authority gave."),
      key: secret.optional().describe("Its HMAC key (base64url, as the authority shows it). Required."),
    })
    .optional()
    .describe("External account binding, where the authority wants to know its customers: ZeroSSL, Google."),
  preferredChain: z
    .string()
    .min(1)
    .optional()
    .describe("Common name of the root whose chain is preferred, where the authority offers several."),
  profile: z
    .string()
    .min(1)
    .optional()
    .describe("ACME profile of the authority; Let's Encrypt has classic, tlsserver and shortlived."),
};

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
    rootOutput: z
      .boolean()
      .default(false)
      .describe(
        "Have 'up' wait until the authority is made in the cluster, and give its certificate itself in the output authorities, in place of the command that prints it. For clusters on machines.",
      ),
  }),
  z.strictObject({
    type: z.literal("self-signed").describe("Certificates that sign themselves: nobody trusts them unasked."),
  }),
  z.strictObject({
    type: z.literal("acme-http01").describe("An ACME authority, proven by HTTP through the ingress controller."),
    ...acme,
  }),
  z.strictObject({
    type: z
      .literal("acme-dns01")
      .describe("An ACME authority, proven by a DNS record set by RFC 2136 (dynamic update)."),
    ...acme,
    nameserver: z
      .string()
      .describe("Authoritative name server that accepts updates, name or address, with or without port."),
    tsigKeyName: z.string().min(1).describe("Name of the TSIG key on the name server."),
    tsigAlgorithm,
    tsigSecret: secret.optional().describe("The TSIG key as the name server shows it (base64 text). Required."),
    zones: z.array(dnsName).default([]).describe("Zones that this issuer answers for. Default: all."),
  }),
  z.strictObject({
    type: z.literal("acme").describe("An ACME authority, proven by whatever its solvers say."),
    ...acme,
    solvers: z
      .array(solverSchema)
      .min(1, "is empty; write one solver at least, e.g. { type: cloudflare, credentials: NAME }")
      .describe("Ways of proving a name, each for its zones, names or labels."),
  }),
]);

export type CertificatesSettings = z.output<typeof certificatesSchema>;
export type IssuerSettings = z.output<typeof issuerSchema>;
export type IssuerOf<T extends IssuerSettings["type"]> = Extract<IssuerSettings, { type: T }>;
/** An issuer at an ACME authority, however its names are proven. */
export type AcmeSettings = IssuerOf<"acme" | "acme-http01" | "acme-dns01">;
