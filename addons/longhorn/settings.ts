import { z } from "zod";
import { chartSource, isDefaultClass, reclaimPolicy } from "../../config/schema/scalars";

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
  backupTarget: z.string().optional().describe("Where backups go, e.g. s3://bucket@region/ or nfs://host:/path."),
});

export type LonghornSettings = z.output<typeof longhornSchema>;
