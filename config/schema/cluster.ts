import { z } from "zod";
import { k3dSchema } from "./k3d";
import { dnsLabel, hostAddress, secret } from "./scalars";

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
  kubeconfig: secret
    .optional()
    .describe(
      "Kubeconfig of a cluster that is there already: the stack then installs add-ons, namespaces and issuers in it, and names no nodes.",
    ),
  k3d: k3dSchema
    .optional()
    .describe(
      "A cluster of k3s in Docker on the machine that runs Pulumi, made by k3d; the stack then names no nodes. Any change of it makes the cluster anew.",
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
