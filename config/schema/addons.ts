import { z } from "zod";
import { chartSource, dnsLabel, dnsName, emailAddress, port, secret } from "./scalars";

const reclaimPolicy = z
  .enum(["Delete", "Retain"])
  .default("Delete")
  .describe("What becomes of a volume when its claim is deleted.");
const isDefaultClass = z
  .boolean()
  .default(false)
  .describe("Whether this is the cluster's default StorageClass. At most one is.");

/** `groundwork:storage`; an entry that is left out is not installed. */
export const storageSchema = z.strictObject({
  localPath: z
    .strictObject({
      default: z
        .boolean()
        .optional()
        .describe("Whether this is the cluster's default StorageClass. Default: true where no other class is."),
    })
    .optional()
    .describe("k3s's own local-path class; it is there unless k3s.disable names local-storage."),
  nfs: chartSource
    .extend({
      server: z.string().min(1).describe("Address of the NFS server."),
      path: z
        .string()
        .regex(/^\//, "is not an absolute path; write one like /export/k3s")
        .describe("Exported directory."),
      storageClass: dnsLabel.default("nfs-client").describe("Name of the StorageClass."),
      default: isDefaultClass,
      reclaimPolicy,
      archiveOnDelete: z
        .boolean()
        .default(true)
        .describe("Keep a deleted volume's directory under the name archived-…."),
      mountOptions: z.array(z.string()).default([]).describe("Mount options of the volumes, e.g. nfsvers=4.1."),
    })
    .optional()
    .describe("NFS provisioner: volumes that many pods may write to, on an existing NFS server."),
  longhorn: chartSource
    .extend({
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
    })
    .optional()
    .describe("Longhorn: replicated volumes on the nodes' own disks."),
});

/** `groundwork:ingress` */
export const ingressSchema = chartSource.extend({
  controller: z.enum(["ingress-nginx", "none"]).default("none").describe("Which ingress controller is installed."),
  className: dnsLabel.default("nginx").describe("Name of the IngressClass; issuers that solve HTTP-01 use it."),
  kind: z.enum(["Deployment", "DaemonSet"]).default("Deployment").describe("DaemonSet: one controller on every node."),
  replicas: z.number().int().min(1).default(1).describe("Number of controllers of a Deployment."),
  hostPorts: z
    .boolean()
    .default(false)
    .describe("Listen on ports 80 and 443 of the nodes themselves; for a DaemonSet."),
  serviceType: z
    .enum(["LoadBalancer", "NodePort", "ClusterIP"])
    .default("LoadBalancer")
    .describe("Type of the controller's service."),
  nodePorts: z
    .strictObject({
      http: port.describe("Port for HTTP. Default: Kubernetes chooses."),
      https: port.describe("Port for HTTPS. Default: Kubernetes chooses."),
    })
    .partial()
    .optional()
    .describe("Fixed ports of a NodePort service."),
  externalTrafficPolicy: z
    .enum(["Local", "Cluster"])
    .default("Local")
    .describe("Local keeps the client's address; Cluster lets every node answer."),
  admissionWebhook: z.boolean().default(true).describe("Check Ingress objects when they are written."),
  ocspStapling: z.boolean().default(true).describe("Staple OCSP responses (enable-ocsp)."),
  gzip: z.boolean().default(true).describe("Compress responses (use-gzip)."),
  workerProcesses: z
    .union([z.literal("auto"), z.number().int().min(1)], "is not a number of processes; write auto or a whole number")
    .default("auto")
    .describe("Worker processes of each controller (worker-processes)."),
  config: z
    .record(z.string(), z.string())
    .default({})
    .describe("Further entries of the controller's ConfigMap, in ingress-nginx's names."),
});

/** `groundwork:certificates` */
export const certificatesSchema = chartSource.extend({
  certManager: z.boolean().default(false).describe("Install cert-manager."),
  email: emailAddress.optional().describe("Address that the certificate authority writes to; ACME issuers need it."),
  dns01Nameservers: z
    .array(z.string())
    .default([])
    .describe(
      "Resolvers for cert-manager's DNS-01 self-check, address:port; needed where the site's own resolver answers differently from the world's (split horizon).",
    ),
  dns01NameserversOnly: z
    .boolean()
    .default(true)
    .describe("Ask only these resolvers in the self-check (--dns01-recursive-nameservers-only)."),
});

const acmeServer = z
  .enum(["staging", "production"])
  .describe("Let's Encrypt's staging (untrusted, generous limits) or production service.");

/** One entry of `groundwork:issuers`; `type` says which fields apply. */
export const issuerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ca").describe("An internal certificate authority."),
    certificate: z
      .string()
      .optional()
      .describe("The authority's certificate (PEM), when it is brought along. Default: made in the cluster."),
    privateKey: secret.optional().describe("The authority's private key (PEM), when it is brought along."),
    commonName: z
      .string()
      .default("Groundwork internal CA")
      .describe("Common name of the authority made in the cluster."),
  }),
  z.strictObject({
    type: z.literal("acme-http01").describe("Let's Encrypt, proven by HTTP through the ingress controller."),
    server: acmeServer,
    email: emailAddress.optional().describe("Address that Let's Encrypt writes to. Default: certificates.email."),
  }),
  z.strictObject({
    type: z.literal("acme-dns01").describe("Let's Encrypt, proven by a DNS record set by RFC 2136 (dynamic update)."),
    server: acmeServer,
    email: emailAddress.optional().describe("Address that Let's Encrypt writes to. Default: certificates.email."),
    nameserver: z
      .string()
      .describe("Authoritative name server that accepts updates, an IP address with or without port."),
    tsigKeyName: z.string().min(1).describe("Name of the TSIG key on the name server."),
    tsigAlgorithm: z
      .enum(["HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA512"])
      .default("HMACSHA512")
      .describe("Algorithm of the TSIG key."),
    tsigSecret: secret.optional().describe("The TSIG key as the name server shows it (base64 text). Required."),
    zones: z.array(dnsName).default([]).describe("Zones that this issuer answers for. Default: all."),
  }),
]);

/** One entry of `groundwork:namespaces`. */
export const namespaceSchema = z.strictObject({
  labels: z.record(z.string(), z.string()).default({}).describe("Labels of the namespace."),
  podSecurity: z
    .enum(["privileged", "baseline", "restricted"])
    .default("baseline")
    .describe("Pod Security level that is enforced."),
  quota: z
    .record(z.string(), z.union([z.string(), z.number()], "is not a quantity; write one like 4 or 8Gi"))
    .default({})
    .describe("ResourceQuota, e.g. requests.cpu: 4, limits.memory: 8Gi, pods: 20."),
  limits: z
    .strictObject({
      default: z.record(z.string(), z.string()).optional().describe("Limits of a container that sets none."),
      defaultRequest: z.record(z.string(), z.string()).optional().describe("Requests of a container that sets none."),
      max: z.record(z.string(), z.string()).optional().describe("Most that a container may have."),
      min: z.record(z.string(), z.string()).optional().describe("Least that a container may have."),
    })
    .optional()
    .describe("LimitRange for containers."),
  defaultDeny: z
    .boolean()
    .default(false)
    .describe("Deny all traffic into and out of the namespace's pods but for DNS and traffic inside it."),
});
