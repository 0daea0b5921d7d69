import { z } from "zod";
import { dnsLabel, dnsName, ipAddress, secret } from "../../../config/schema/scalars";

/** A name in a certificate: a DNS name, the first label of which may be `*`. */
const certificateName = z
  .string()
  .refine(
    (name) => dnsName.safeParse(name.replace(/^\*\./, "")).success,
    "is neither a DNS name nor a wildcard; write one like www.example.org or *.example.org",
  );

/** A duration as Go has it (time.ParseDuration), which knows no days. */
const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?[hms])+$/, "is not a duration in hours, minutes and seconds; write one like 2160h (90 days)");

/** What a certificate may be used for. https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.KeyUsage */
const usages = z.enum([
  ...(["signing", "digital signature", "content commitment", "key encipherment", "key agreement"] as const),
  ...(["data encipherment", "cert sign", "crl sign", "encipher only", "decipher only", "any"] as const),
  ...(["server auth", "client auth", "code signing", "email protection", "s/mime", "ipsec end system"] as const),
  ...(["ipsec tunnel", "ipsec user", "timestamping", "ocsp signing", "microsoft sgc", "netscape sgc"] as const),
]);

const password = secret.optional().describe("Password of the keystore. Required.");

/** One entry of `certificates.issued`. */
export const issuedSchema = z.strictObject({
  namespace: dnsLabel.default("default").describe("Namespace of the certificate and of its Secret."),
  issuer: dnsLabel.describe("Name of the issuer, under groundwork:issuers."),
  names: z.array(certificateName).default([]).describe("DNS names, wildcards among them (*.example.org)."),
  ipAddresses: z.array(ipAddress).default([]).describe("IP addresses, for an authority of your own."),
  uris: z.array(z.string().min(1)).default([]).describe("URIs, for an authority of your own: spiffe://…"),
  commonName: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("Common name, where somebody still reads it. Default: none."),
  secretName: dnsName.optional().describe("Name of its Secret (tls.crt, tls.key, ca.crt). Default: its own name."),
  duration: duration.default("2160h").describe("How long it lives. Let's Encrypt decides that itself."),
  renewBefore: duration
    .optional()
    .describe("How long before its end it is renewed. Default: 360h, or a third of a duration under 1080h."),
  renewBeforePercentage: z
    .number()
    .int()
    .min(1)
    .max(99)
    .optional()
    .describe("In place of renewBefore: it is renewed when so many percent of its life are left."),
  privateKey: z
    .strictObject({
      algorithm: z.enum(["RSA", "ECDSA"]).default("RSA").describe("Algorithm of the key."),
      size: z
        .number()
        .int()
        .optional()
        .describe("Size of the key in bits; ECDSA has 256, 384 and 521. Default: 4096, or 256 for ECDSA."),
      encoding: z.enum(["PKCS1", "PKCS8"]).default("PKCS1").describe("Encoding of the key in the Secret."),
      rotationPolicy: z
        .enum(["Always", "Never"])
        .default("Always")
        .describe("Whether each renewal makes a new key. Never: where a client has pinned the key."),
    })
    .prefault({})
    .describe("The private key."),
  usages: z
    .array(usages)
    .default(["server auth", "client auth"])
    .describe("What it may be used for. Let's Encrypt leaves client auth out."),
  keystores: z
    .strictObject({
      pkcs12: z
        .strictObject({
          password,
          profile: z
            .enum(["LegacyRC2", "LegacyDES", "Modern2023"])
            .default("Modern2023")
            .describe("Algorithms of the keystore; the legacy ones for old Java and Windows."),
        })
        .optional()
        .describe("Write keystore.p12 and truststore.p12 into the Secret."),
      jks: z
        .strictObject({
          password,
          alias: z.string().min(1).default("certificate").describe("Name of the entry in the keystore."),
        })
        .optional()
        .describe("Write keystore.jks and truststore.jks into the Secret."),
    })
    .prefault({})
    .describe("Keystores for Java and Windows beside the PEM files."),
  labels: z
    .record(z.string(), z.string())
    .default({})
    .describe("Labels of the certificate, for matchLabels of solvers."),
});

export type IssuedSettings = z.output<typeof issuedSchema>;
