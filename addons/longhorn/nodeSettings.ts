import { z } from "zod";
import { quantityOf } from "../../config/quantity";

/** A tag as Longhorn takes it (longhorn-manager, util ValidateTags: a label's value, and no longer than 50). */
const tag = z
  .string()
  .regex(
    /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,48}[A-Za-z0-9])?$/,
    "is no tag; write at most 50 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
  );

const disk = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^\n]*$/, "is not an absolute path; write one like /mnt/ssd1")
    .describe("Directory on the host, each on a file system of its own; it must be mounted there before 'up'."),
  tags: z.array(tag).default([]).describe("What volumes choose the disk by (diskSelector)."),
  reserved: z
    .string()
    .refine(
      (text) => (quantityOf(text) ?? -1) >= 0,
      "is no amount of memory or storage; write one like 20Gi, or 0 for Longhorn's own share",
    )
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
