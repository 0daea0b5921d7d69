import { z } from "zod";
import { chartSource, dnsLabel, isDefaultClass, reclaimPolicy } from "../../config/schema/scalars";

/** `groundwork:storage`, `nfs` */
export const nfsSchema = chartSource.extend({
  provisioner: z
    .enum(["nfs-subdir-external-provisioner", "csi-driver-nfs"])
    .default("nfs-subdir-external-provisioner")
    .describe("What makes the volumes; csi-driver-nfs is the one that Kubernetes' storage group maintains."),
  server: z.string().min(1).describe("Address of the NFS server."),
  path: z.string().regex(/^\//, "is not an absolute path; write one like /export/k3s").describe("Exported directory."),
  storageClass: dnsLabel.default("nfs-client").describe("Name of the StorageClass."),
  default: isDefaultClass,
  reclaimPolicy,
  archiveOnDelete: z.boolean().default(true).describe("Keep a deleted volume's directory under the name archived-…."),
  mountOptions: z.array(z.string()).default([]).describe("Mount options of the volumes, e.g. nfsvers=4.1."),
});

export type NfsSettings = z.output<typeof nfsSchema>;

/** Whether volumes are made by the CSI driver. */
export function isCsiDriver(nfs: NfsSettings | undefined): nfs is NfsSettings & { provisioner: "csi-driver-nfs" } {
  return nfs?.provisioner === "csi-driver-nfs";
}
