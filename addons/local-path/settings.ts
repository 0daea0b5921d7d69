import { z } from "zod";

/** `groundwork:storage`, `localPath` */
export const localPathSchema = z.strictObject({
  default: z
    .boolean()
    .optional()
    .describe("Whether this is the cluster's default StorageClass. Default: true where no other class is."),
});
