import { z } from "zod";
import { dnsLabel, hostAddress } from "./scalars";

/** `groundwork:cluster` */
export const clusterSchema = z.strictObject({
  name: dnsLabel.optional().describe("Name of the cluster and of its kubeconfig context. Default: the stack's name."),
  apiAddress: hostAddress
    .optional()
    .describe(
      "Address of the Kubernetes API for people and for joining nodes: a virtual IP, a load balancer or a DNS name. Default: the first server's address.",
    ),
  joinAddress: hostAddress
    .optional()
    .describe(
      "Address of the Kubernetes API for joining nodes alone, where they cannot or should not take the way of people (server). Default: cluster.apiAddress, or the first server's internal address.",
    ),
  allowEvenServers: z
    .boolean()
    .default(false)
    .describe("Allow an even number of servers, for the time in which a server is being replaced."),
  protect: z
    .boolean()
    .default(false)
    .describe(
      "Protect the data: the first server, Longhorn, the NFS provisioner and the namespaces cannot be removed by an ordinary 'pulumi up'.",
    ),
});
