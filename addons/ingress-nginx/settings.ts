import { z } from "zod";
import { chartSource, dnsLabel, port } from "../../config/schema/scalars";

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

export type IngressSettings = z.output<typeof ingressSchema>;
