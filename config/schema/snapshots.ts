import { z } from "zod";
import { isCronLine } from "./cron";
import { dnsLabel, secret } from "./scalars";

/** A path that a shell, YAML and a unit file take as it is. */
const directory = z
  .string()
  .regex(/^(\/[A-Za-z0-9_.-]+)+$/, "is not the path of a directory; write one like /mnt/backup/k3s, without spaces")
  .refine(
    (path) => !path.split("/").some((part) => part === "." || part === ".."),
    "has a '.' or '..' in it; write where it leads to",
  );

/** `groundwork:k3s.snapshots.s3` */
export const s3Schema = z.strictObject({
  endpoint: z
    .string()
    .regex(/^[A-Za-z0-9.-]+(:\d+)?$/, "is not a host; write one like s3.eu-central-1.amazonaws.com, without https://")
    .default("s3.amazonaws.com")
    .describe("Host of the service, with its port where that is not 443 (etcd-s3-endpoint)."),
  bucket: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      "is not the name of a bucket; write lower-case letters, digits, '.' and '-'",
    )
    .optional()
    .describe("The bucket, which is there already (etcd-s3-bucket). Required, except with existingSecret."),
  folder: z
    .string()
    .regex(/^[^/\s][^\s]*$/, "is not a folder in a bucket; write one like prod/etcd, without '/' in front")
    .optional()
    .describe("Folder in the bucket (etcd-s3-folder). Default: the top."),
  region: z.string().min(1).default("us-east-1").describe("Region of the bucket (etcd-s3-region)."),
  accessKey: secret.optional().describe("Access key (etcd-s3-access-key)."),
  secretKey: secret.optional().describe("Secret key (etcd-s3-secret-key)."),
  skipSslVerify: z
    .boolean()
    .default(false)
    .describe("Take whatever certificate the service shows (etcd-s3-skip-ssl-verify)."),
  endpointCa: z
    .string()
    .regex(/-----BEGIN CERTIFICATE-----/, "is not a certificate; write the PEM text of the CA")
    .optional()
    .describe(
      "Certificate of the CA that signs the service's own, in PEM (etcd-s3-endpoint-ca). Default: the host's CAs.",
    ),
  proxy: z
    .string()
    .regex(
      /^https?:\/\/[^\s@]+$/,
      "is not the URL of a proxy; write one like http://proxy.example.org:3128, without a password",
    )
    .optional()
    .describe("Proxy on the way to the service (etcd-s3-proxy). Default: none but what k3s's environment says."),
  existingSecret: dnsLabel
    .optional()
    .describe(
      "A Secret in kube-system that somebody else keeps, with all of k3s's etcd-s3 keys (etcd-s3-config-secret); then nothing else is set here.",
    ),
});

/** `groundwork:k3s.snapshots` */
export const snapshotsSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe("Save snapshots by schedule, on every server (false: etcd-disable-snapshots)."),
  schedule: z
    .string()
    .refine(isCronLine, "is not a line of cron; write five fields like 0 */6 * * *, or a name like @daily")
    .optional()
    .describe(
      "When every server saves one, as a line of cron in the host's time (etcd-snapshot-schedule-cron). Default: k3s's, 0 */12 * * *.",
    ),
  retention: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("How many of them each server keeps, and as many in S3 (etcd-snapshot-retention). Default: k3s's, 5."),
  directory: directory
    .optional()
    .describe(
      "Directory on every server, made where it is missing (etcd-snapshot-dir). Default: k3s's, /var/lib/rancher/k3s/server/db/snapshots.",
    ),
  compress: z.boolean().default(false).describe("Compress them (etcd-snapshot-compress)."),
  s3: s3Schema
    .optional()
    .describe(
      "Upload them to an S3-compatible service as well. The keys are in a Secret in kube-system, and k3s reads them there. Default: kept on the servers only.",
    ),
});
