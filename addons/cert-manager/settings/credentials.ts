import { z } from "zod";
import { secret } from "../../../config/schema/scalars";

/** Algorithms of TSIG that cert-manager takes. */
export const tsigAlgorithm = z
  .enum(["HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"])
  .default("HMACSHA512")
  .describe("Algorithm of the TSIG key.");

const text = z.string().min(1);

/** One entry of `certificates.credentials`: what a DNS provider knows us by, for every solver of the same type. */
export const credentialSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("rfc2136").describe("A TSIG key of a name server that takes dynamic updates."),
    tsigKeyName: text.describe("Name of the TSIG key on the name server."),
    tsigAlgorithm,
    tsigSecret: secret.optional().describe("The TSIG key as the name server shows it (base64 text). Required."),
  }),
  z.strictObject({
    type: z.literal("cloudflare").describe("An API token of Cloudflare."),
    apiToken: secret.optional().describe("The token, with Zone:Zone:Read and Zone:DNS:Edit on the zones. Required."),
  }),
  z.strictObject({
    type: z.literal("route53").describe("An access key of AWS."),
    accessKeyID: text.describe("Id of the access key: AKIA…"),
    secretAccessKey: secret.optional().describe("The secret access key. Required."),
  }),
  z.strictObject({
    type: z.literal("digitalocean").describe("An API token of DigitalOcean."),
    token: secret.optional().describe("The token, with read and write access to domains. Required."),
  }),
  z.strictObject({
    type: z.literal("azureDNS").describe("A service principal of Azure."),
    tenantID: text.describe("Tenant (directory) of the service principal."),
    clientID: text.describe("Application id of the service principal."),
    clientSecret: secret.optional().describe("Its client secret. Required."),
  }),
  z.strictObject({
    type: z.literal("cloudDNS").describe("A service account of Google Cloud."),
    serviceAccount: secret.optional().describe("Its key file (JSON), with the role DNS administrator. Required."),
  }),
  z.strictObject({
    type: z.literal("acmeDNS").describe("Accounts of an acme-dns server."),
    accounts: secret
      .optional()
      .describe("What its registration gave, by domain (JSON: domain, then username, password, subdomain). Required."),
  }),
  z.strictObject({
    type: z.literal("other").describe("Whatever a webhook or a custom solver reads: one Secret, NAME-credentials."),
    values: z.record(z.string(), secret).default({}).describe("The Secret's entries by key."),
  }),
]);

export type CredentialSettings = z.output<typeof credentialSchema>;
