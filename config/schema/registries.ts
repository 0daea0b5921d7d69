import { z } from "zod";
import { secret } from "./scalars";

const mirror = z.strictObject({
  endpoint: z
    .array(z.string().min(1))
    .default([])
    .describe("URLs that are tried in this order, before the registry's own, e.g. https://mirror.example.org:5000."),
  rewrite: z
    .record(z.string(), z.string())
    .optional()
    .describe("Regular expressions on an image's name, and what each match becomes on the mirror."),
});

const access = z.strictObject({
  auth: z
    .strictObject({
      username: secret.optional().describe("User name."),
      password: secret.optional().describe("Password."),
      auth: secret.optional().describe("User name and password in one, as base64 of 'name:password'."),
      identity_token: secret.optional().describe("Token that is exchanged for an access token."),
    })
    .optional()
    .describe("How nodes log in."),
  tls: z
    .strictObject({
      ca_file: z
        .string()
        .optional()
        .describe("Path on the node: the authority that the registry's certificate is from."),
      cert_file: z.string().optional().describe("Path on the node: the client's certificate."),
      key_file: z.string().optional().describe("Path on the node: the key of the client's certificate."),
      insecure_skip_verify: z.boolean().optional().describe("Take any certificate."),
    })
    .optional()
    .describe("How the registry's TLS is checked; k3s.files brings the files."),
});

/** `groundwork:k3s.registries`: k3s's registries.yaml (docs.k3s.io/installation/private-registry), credentials as secrets. */
export const registriesSchema = z.strictObject({
  mirrors: z
    .record(z.string(), mirror)
    .optional()
    .describe(
      "Where images of a registry are fetched instead, by its name: docker.io, registry.example.org:5000, or '*' for all.",
    ),
  configs: z
    .record(z.string(), access)
    .optional()
    .describe("Credentials and TLS by the registry's or the mirror's host, with its port; '*' for all."),
});
