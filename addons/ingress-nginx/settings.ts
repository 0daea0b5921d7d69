import { z } from "zod";
import { chartSource, dnsLabel, port } from "../../config/schema/scalars";

const toleration = z.strictObject({
  key: z.string().optional().describe("Key of the taint. Default: every key, with operator: Exists."),
  operator: z
    .enum(["Exists", "Equal"])
    .optional()
    .describe("Exists: whatever the value. Default: Equal, which asks for the value."),
  value: z.string().optional().describe("Value of the taint, with Equal."),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint. Default: every effect."),
});

/** `groundwork:ingress` */
export const ingressSchema = chartSource.extend({
  controller: z
    .enum(["ingress-nginx", "traefik", "gateway", "none"])
    .default("none")
    .describe(
      "Which ingress controller is installed. traefik: the one that k3s brings, set by a HelmChartConfig. gateway: the same Traefik for the Gateway API in place of Ingresses.",
    ),
  className: dnsLabel
    .optional()
    .describe(
      "Name of the IngressClass; issuers that solve HTTP-01 use it. Default: nginx; with controller: traefik, traefik.",
    ),
  nginxAnnotations: z
    .boolean()
    .default(false)
    .describe(
      "With controller: traefik or gateway: serve the Ingresses of the class nginx too, with their nginx.ingress.kubernetes.io annotations as far as Traefik knows them (kubernetesIngressNGINX).",
    ),
  gateway: z
    .strictObject({
      issuer: dnsLabel.optional().describe("Issuer of the listeners' certificates. Default: you make their Secrets."),
      listeners: z
        .record(
          dnsLabel,
          z.strictObject({
            hostname: z
              .string()
              .regex(
                /^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
                "is not a DNS name; write one like shop.example.org or *.example.org",
              )
              .describe("DNS name that it answers for; may begin with *."),
            secret: dnsLabel
              .optional()
              .describe("Secret in kube-system with the certificate. Default: the listener's name with -tls."),
          }),
        )
        .default({})
        .describe("HTTPS listeners by name, each for one DNS name."),
    })
    .prefault({})
    .describe("With controller: gateway: the Gateway, beside its listener web for HTTP."),
  beside: z
    .strictObject({
      http: port.describe("Node port for HTTP."),
      https: port.describe("Node port for HTTPS."),
    })
    .optional()
    .describe(
      "With controller: ingress-nginx: run k3s's Traefik beside it on these node ports, for the same Ingresses, while a stack goes over to it.",
    ),
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
  tolerations: z
    .array(toleration)
    .default([])
    .describe(
      "Taints of nodes that the controller runs on all the same, as Kubernetes has tolerations. A node with another taint runs none, and is no entry.",
    ),
  admissionWebhook: z.boolean().default(true).describe("Check Ingress objects when they are written (ingress-nginx)."),
  ocspStapling: z.boolean().default(true).describe("Staple OCSP responses (ingress-nginx's enable-ocsp)."),
  gzip: z.boolean().default(true).describe("Compress responses (ingress-nginx's use-gzip)."),
  workerProcesses: z
    .union([z.literal("auto"), z.number().int().min(1)], "is not a number of processes; write auto or a whole number")
    .default("auto")
    .describe("Worker processes of each controller (ingress-nginx's worker-processes)."),
  config: z
    .record(z.string(), z.string())
    .default({})
    .describe("Further entries of ingress-nginx's ConfigMap, in its own names."),
});

export type IngressSettings = z.output<typeof ingressSchema>;
