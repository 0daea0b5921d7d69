import { z } from "zod";
import { DEFAULT_API_PORT } from "../addresses";
import { k3dSchema } from "./k3d";
import { apiEndpoint, dnsLabel, interfaceName, ipAddress, port, secret } from "./scalars";

const virtualIpSchema = z.strictObject({
  address: ipAddress.describe(
    "The address itself: a free one of the servers' own network, outside of what DHCP gives away.",
  ),
  interface: interfaceName
    .optional()
    .describe(
      "Interface that carries it, one Ethernet segment for all servers, with their internalIp on it. Default: the node's interface, or network.interface.",
    ),
  prefix: z
    .number()
    .int()
    .min(1)
    .max(128)
    .optional()
    .describe("Length of its prefix. Default: 32, or 128 for IPv6: the address alone."),
  routerId: z
    .number()
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe(
      "VRRP's virtual router id; no other virtual router of the segment has it. Default: the last number of an IPv4 address, 51 for IPv6.",
    ),
});

/** `groundwork:cluster` */
export const clusterSchema = z.strictObject({
  name: dnsLabel.optional().describe("Name of the cluster and of its kubeconfig context. Default: the stack's name."),
  apiAddress: apiEndpoint
    .optional()
    .describe(
      "Address of the Kubernetes API for people, and the first that joining nodes try: a DNS name or a load balancer, as host or host:port where it listens on another port than the servers. Default: cluster.virtualIp, or the first server's address.",
    ),
  joinAddress: apiEndpoint
    .optional()
    .describe(
      "Address of the Kubernetes API that joining nodes try first, where they cannot or should not take the way of people (server), as host or host:port. Where it does not answer, they join through any server that does. Default: cluster.apiAddress, cluster.virtualIp, or the first server's internal address.",
    ),
  apiPort: port
    .default(DEFAULT_API_PORT)
    .describe(
      "Port of the Kubernetes API on every server (https-listen-port). k3s takes the port after it as well, on loopback. Another one on a living cluster restarts every node.",
    ),
  virtualIp: virtualIpSchema
    .optional()
    .describe(
      "An address of the API that moves to another server when one fails: keepalived on the servers, whose package is installed. It needs one Ethernet segment and internalIp on every server.",
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
