import { z } from "zod";
import { localPathSchema } from "../../addons/local-path/settings";
import { longhornSchema } from "../../addons/longhorn/settings";
import { nfsSchema } from "../../addons/nfs-provisioner/settings";

/** `groundwork:storage`; an entry that is left out is not installed. */
export const storageSchema = z.strictObject({
  localPath: localPathSchema
    .optional()
    .describe("k3s's own local-path class; it is there unless k3s.disable names local-storage."),
  nfs: nfsSchema
    .optional()
    .describe("NFS provisioner: volumes that many pods may write to, on an existing NFS server."),
  longhorn: longhornSchema.optional().describe("Longhorn: replicated volumes on the nodes' own disks."),
});
