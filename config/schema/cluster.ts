import { z } from "zod";
import { DEFAULT_API_PORT } from "../addresses";
import { k3dSchema } from "./k3d";
import { apiEndpoint, dnsLabel, interfaceName, ipAddress, port, secret } from "./scalars";

/** What is written anew to have something done again. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]{0,39}$/, 'is not one word; write one like "2027-09", in quotes');

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
  apiThrough: z
    .enum(["direct", "ssh"])
    .optional()
    .describe(
      "How this program, and people, reach the Kubernetes API. ssh: through SSH to a server that lives, and its bastion, for sites where nothing else gets in; 'pulumi up' opens the way itself, kubectl goes through 'groundwork tunnel'. Default: direct.",
    ),
  tunnelPort: port
    .optional()
    .describe(
      "With apiThrough: ssh, the port on 127.0.0.1 of the machine that this runs on; it stands in the kubeconfig. Default: one between 20000 and 29999, by the stack's name.",
    ),
  renewCertificates: word
    .optional()
    .describe(
      "Any word, for instance the month in quotes. Another one than before restarts k3s on every node in roll-out order, which renews its certificates when they end within 120 days (they live 365), and then reads the kubeconfig again. A preview says when it is time.",
    ),
  authorityRotated: word
    .optional()
    .describe(
      "Any word, for instance the month in quotes. Write another one than before after 'groundwork rotate ca': the next 'up' reads the kubeconfig and the cluster's authority again, and pins join tokens to it. k3s restarts nowhere.",
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
