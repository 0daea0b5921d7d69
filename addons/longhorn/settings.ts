import { z } from "zod";
import { isCronLine } from "../../config/schema/cron";
import { chartSource, dnsLabel, isDefaultClass, reclaimPolicy, secret } from "../../config/schema/scalars";

/** What Longhorn does by its own clock. https://longhorn.io/docs, recurring snapshots and backups */
const recurringJob = z.strictObject({
  task: z
    .enum(["snapshot", "backup", "snapshot-cleanup", "filesystem-trim"])
    .describe(
      "snapshot: on the nodes' own disks. backup: to `backupTarget`. snapshot-cleanup: what the system left. filesystem-trim: gives freed blocks back.",
    ),
  schedule: z
    .string()
    .refine(isCronLine, "is not a line of cron; write five fields like 0 3 * * *, or a name like @daily")
    .describe("When, as a line of cron, in UTC unless Longhorn's pods have another time zone."),
  retain: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("How many of a volume's snapshots or backups of this job are kept. Default: 7; not for the other tasks."),
  concurrency: z.number().int().min(1).default(1).describe("How many volumes are worked on at a time."),
  groups: z
    .array(dnsLabel)
    .min(1)
    .default(["default"])
    .describe("Groups of volumes. In `default` is every volume that has no job of its own."),
});

/** `groundwork:storage`, `longhorn` */
export const longhornSchema = chartSource.extend({
  replicas: z
    .number()
    .int()
    .min(1)
    .max(10)
    .optional()
    .describe("Copies of each volume. Default: 3, or the number of nodes where there are fewer."),
  default: isDefaultClass,
  reclaimPolicy,
  dataPath: z
    .string()
    .regex(/^\//, "is not an absolute path; write one like /var/lib/longhorn")
    .default("/var/lib/longhorn")
    .describe("Directory for the data on each node."),
  backupTarget: z
    .string()
    .regex(
      /^(s3|nfs|cifs|azblob):\/\/\S+$/,
      "is no backup target; write one like s3://bucket@region/, nfs://host:/path, cifs://host/share or azblob://container@core.windows.net/",
    )
    .optional()
    .describe("Where backups go, e.g. s3://bucket@region/ or nfs://host:/path."),
  backupCredentials: z
    .record(z.string(), secret)
    .default({})
    .describe("What the backup target knows Longhorn by, under Longhorn's own names, e.g. AWS_ACCESS_KEY_ID."),
  recurringJobs: z
    .record(dnsLabel.max(40), recurringJob)
    .default({})
    .describe("Snapshots, backups and housekeeping by the clock, by name."),
});

export type LonghornSettings = z.output<typeof longhornSchema>;
export type RecurringJobSettings = z.output<typeof recurringJob>;

/** A tag as Longhorn takes it: a qualified name of Kubernetes (longhorn-manager, util.ValidateTags). */
const tag = z
  .string()
  .regex(
    /^([a-z0-9][-a-z0-9.]*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    "is no tag; write at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
  );

const disk = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^\n]*$/, "is not an absolute path; write one like /mnt/ssd1")
    .describe("Directory on the host, each on a file system of its own; it must be mounted there before 'up'."),
  tags: z.array(tag).default([]).describe("What volumes choose the disk by (diskSelector)."),
  reserved: z
    .string()
    .optional()
    .describe("Space that Longhorn leaves free. Default: 30 percent, or what Longhorn's own setting says."),
  scheduling: z.boolean().default(true).describe("Whether copies of volumes are put there."),
});

/** `groundwork:nodes`, `longhorn` */
export const longhornNodeSchema = z.strictObject({
  disks: z
    .array(disk)
    .default([])
    .describe("Disks of the node. Default: storage.longhorn.dataPath alone. Those that are given replace it."),
  tags: z.array(tag).default([]).describe("What volumes choose the node by (nodeSelector)."),
});

export type LonghornNodeSettings = z.output<typeof longhornNodeSchema>;
