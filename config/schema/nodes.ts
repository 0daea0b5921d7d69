import { z } from "zod";
import { longhornNodeSchema } from "../../addons/longhorn/settings";
import { givenFiles } from "./givenFiles";
import { hostAddress, interfaceName, ipAddresses, nodeName, port, k3sVersion, k3sSettings, secret } from "./scalars";
import { architecture } from "./upload";
import { nodeWireguardSchema } from "./wireguard";

/** One entry of `groundwork:nodes`. */
export const nodeSchema = z.strictObject({
  name: nodeName.describe(
    "Name of the node in Kubernetes; also the name of its resources. Never reused for another machine while this one is in the cluster.",
  ),
  role: z.enum(["server", "agent"]).describe("server: control plane and etcd. agent: workloads only."),
  address: hostAddress.describe("Address for SSH."),
  hostKey: z
    .string()
    .optional()
    .describe(
      "The node's public host key, e.g. 'ssh-ed25519 AAAA…'. Print it with: ssh-keyscan -t ed25519 ADDRESS. Required, unless ssh.trustOnFirstUse.",
    ),
  internalIp: ipAddresses
    .optional()
    .describe(
      "Address of the node inside the cluster (node-ip), for instance on the VPN. In a cluster of both families two, in the order of network.podCidr. Default: k3s takes the interface's, or the default route's.",
    ),
  externalIp: ipAddresses
    .optional()
    .describe("Address of the node for the outside (node-external-ip); two, one of each family, where it has them."),
  interface: interfaceName
    .optional()
    .describe("flannel-iface of this node. Default: network.interface, or network.wireguard's."),
  wireguard: nodeWireguardSchema
    .default({})
    .describe("How the others reach this node, where there is network.wireguard."),
  ssh: z
    .strictObject({
      port: port.optional().describe("SSH port. Default: ssh.port."),
      user: z.string().min(1).optional().describe("SSH user. Default: ssh.user."),
      sudoPassword: secret
        .optional()
        .describe("What sudo asks for on this node, where it differs. Default: ssh.sudoPassword."),
      bastion: z
        .string()
        .optional()
        .describe("Name of the bastion to go through; 'none' for a direct connection. Default: ssh.bastion."),
    })
    .default({})
    .describe("How this node is reached, where it differs from ssh."),
  architecture: architecture
    .optional()
    .describe(
      "Architecture of the machine; needed where k3s.upload has files for more than one, so that each node gets its own.",
    ),
  labels: z.record(z.string(), z.string()).default({}).describe("Labels of the Kubernetes node."),
  annotations: z
    .record(z.string(), z.string())
    .default({})
    .describe("Annotations of the Kubernetes node; one that is taken out here is taken off the node."),
  taints: z.array(z.string()).default([]).describe("Taints of the Kubernetes node, key=value:NoSchedule."),
  longhorn: longhornNodeSchema
    .optional()
    .describe("Disks and tags of this node in Longhorn. Longhorn reads them of a node that has none yet."),
  k3sVersion: k3sVersion
    .optional()
    .describe(
      "Version of k3s on this node, where it differs for a while (an upgrade in stages). Default: k3s.version.",
    ),
  k3s: k3sSettings.default({}).describe("Further k3s settings of this node, in the names of k3s's config.yaml."),
  files: givenFiles
    .default({})
    .describe("Files on this node by their path, beside those of k3s.files; of the same path, this one counts."),
  repair: z
    .strictObject({
      at: z
        .string()
        .regex(/^[\w.:+-]+$/, "must be one word of letters, digits and . : + - _, e.g. a time")
        .describe("When it was asked for. Another value makes the next 'up' bring this node back once more."),
      drain: z
        .boolean()
        .default(false)
        .describe("Move the node's pods away first, because k3s will restart on it (rollout.drain holds as well)."),
    })
    .optional()
    .describe(
      "Makes the next 'up' bring this node back to what the stack file says, though nothing else changed: 'up' does not look at a host whose settings are the same. Written by 'groundwork drift --repair'; it may stay, and may be taken out at any time.",
    ),
  adopt: z
    .boolean()
    .default(false)
    .describe(
      "Take over a k3s that somebody else installed on this host, with its cluster: same node name, same role, the same release or an older one. Its files and data are kept in /var/lib/groundwork/adopted-<time>; a server's data in SQLite become etcd, which cannot be undone once it has worked. On a host without k3s it changes nothing.",
    ),
  lost: z
    .boolean()
    .default(false)
    .describe(
      "The machine is gone for good: 'up' has a server that lives delete its Node, its member of etcd and its password, lets its pods start elsewhere, and asks the machine itself for nothing. Refused while the machine lives, and where etcd would have no quorum. Take the entry out with the next 'up'; or give it a new machine's address and hostKey and take lost out, and that machine joins under the name.",
    ),
});
