import { z } from "zod";
import { corednsFields } from "../../addons/coredns/settings";
import { versions } from "../versions/pins";
import {
  cidr,
  dnsLabel,
  dnsName,
  hostAddress,
  interfaceName,
  ipAddress,
  nodeName,
  port,
  seconds,
  secret,
  url,
} from "./scalars";

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

/** `groundwork:network` */
export const networkSchema = z.strictObject({
  interface: interfaceName
    .optional()
    .describe(
      "Interface that flannel and the nodes use (flannel-iface), for instance the VPN's. Default: the one with the default route.",
    ),
  interfaceWaitSeconds: seconds
    .default(120)
    .describe("How long a booting node waits for the interface to be up and to have an address, in seconds."),
  flannelBackend: z
    .enum(["vxlan", "wireguard-native", "host-gw", "none"])
    .default("vxlan")
    .describe("How pods of different nodes reach each other. vxlan is not encrypted."),
  requireEncryption: z
    .boolean()
    .default(false)
    .describe(
      "Refuse a network on which the traffic between nodes is neither inside a VPN interface nor encrypted by flannel.",
    ),
  verifyOverlay: z
    .boolean()
    .default(true)
    .describe(
      "Ping each new node's pods through flannel before it counts as ready (UDP 8472 both ways). Off where ping is filtered.",
    ),
  podCidr: cidr.default("10.42.0.0/16").describe("Addresses of pods (cluster-cidr)."),
  serviceCidr: cidr.default("10.43.0.0/16").describe("Addresses of services (service-cidr)."),
  nodePortRange: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, "is not a range of ports; write one like 30000-32767")
    .default("30000-32767")
    .describe("Ports that NodePort services may take (service-node-port-range)."),
});

/** `groundwork:dns` */
export const dnsSchema = z.strictObject({
  upstream: z
    .array(ipAddress)
    .min(1)
    .optional()
    .describe(
      "The site's resolvers, for the nodes' pods and CoreDNS (/etc/resolv.k3s.conf, resolv-conf). Default: the host's own /etc/resolv.conf.",
    ),
  searchDomains: z.array(dnsName).default([]).describe("Search domains written beside the resolvers."),
  clusterDomain: dnsName.default("cluster.local").describe("Domain of the cluster's services (cluster-domain)."),
  ...corednsFields,
});

/** One machine to connect through; part of `groundwork:ssh`. */
export const bastionSchema = z.strictObject({
  address: hostAddress.describe("Address of the bastion."),
  port: port.default(22).describe("SSH port of the bastion."),
  user: z.string().min(1).optional().describe("User on the bastion. Default: ssh.user."),
  hostKey: z
    .string()
    .optional()
    .describe(
      "The bastion's public host key, e.g. 'ssh-ed25519 AAAA…'. Print it with: ssh-keyscan -t ed25519 ADDRESS. Required, unless ssh.trustOnFirstUse.",
    ),
  privateKey: secret.optional().describe("Private key for the bastion. Default: ssh.privateKey."),
});

/** `groundwork:ssh` */
export const sshSchema = z.strictObject({
  user: z
    .string()
    .min(1)
    .default("root")
    .describe("User on the nodes: root, or one who may use sudo without a password."),
  port: port.default(22).describe("SSH port of the nodes."),
  privateKey: secret.optional().describe("Private key that every node accepts (PEM or OpenSSH format). Required."),
  privateKeyPassphrase: secret.optional().describe("Passphrase of the private key."),
  bastions: z
    .record(dnsLabel, bastionSchema)
    .default({})
    .describe("Machines that nodes are reached through, by a name of your choice."),
  bastion: z.string().optional().describe("Name of the bastion for every node that names none. Default: no bastion."),
  trustOnFirstUse: z
    .boolean()
    .default(false)
    .describe(
      "Accept any host key. For disposable labs only: whoever answers at a node's address gets the cluster's secrets.",
    ),
  dialAttempts: z
    .number()
    .int()
    .min(1)
    .max(70)
    .default(10)
    .describe("How often a connection is tried: 10 is about 11 s for a refused port, 20 about 60 s, 70 about 5 min."),
});

const k3sVersion = z
  .string()
  .regex(/^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$/, "is not a k3s version; write one like v1.36.4+k3s1");

const k3sSettings = z.record(z.string(), z.unknown());

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
  internalIp: ipAddress
    .optional()
    .describe(
      "Address of the node inside the cluster (node-ip), for instance on the VPN. Default: k3s takes the interface's, or the default route's.",
    ),
  externalIp: ipAddress.optional().describe("Address of the node for the outside (node-external-ip)."),
  interface: interfaceName.optional().describe("flannel-iface of this node. Default: network.interface."),
  ssh: z
    .strictObject({
      port: port.optional().describe("SSH port. Default: ssh.port."),
      user: z.string().min(1).optional().describe("SSH user. Default: ssh.user."),
      bastion: z
        .string()
        .optional()
        .describe("Name of the bastion to go through; 'none' for a direct connection. Default: ssh.bastion."),
    })
    .default({})
    .describe("How this node is reached, where it differs from ssh."),
  labels: z.record(z.string(), z.string()).default({}).describe("Labels of the Kubernetes node."),
  taints: z.array(z.string()).default([]).describe("Taints of the Kubernetes node, key=value:NoSchedule."),
  k3sVersion: k3sVersion
    .optional()
    .describe(
      "Version of k3s on this node, where it differs for a while (an upgrade in stages). Default: k3s.version.",
    ),
  k3s: k3sSettings.default({}).describe("Further k3s settings of this node, in the names of k3s's config.yaml."),
  adopt: z
    .boolean()
    .default(false)
    .describe(
      "Take over a k3s that somebody else installed on this host, with its cluster: same node name, same role, the same release or an older one. Its files and data are kept in /var/lib/groundwork/adopted-<time>; a server's data in SQLite become etcd, which cannot be undone once it has worked. On a host without k3s it changes nothing.",
    ),
});

/** `groundwork:k3s` */
export const k3sSchema = z.strictObject({
  version: k3sVersion
    .default(versions.k3s)
    .describe("Version of k3s on every node. Default: the version that this release of Groundwork pins."),
  mirror: url
    .default("https://github.com/k3s-io/k3s/releases/download")
    .describe(
      "Where nodes get k3s: a base laid out like k3s's releases, <base>/<version>/k3s and sha256sum-<arch>.txt; file:// is a directory on each node.",
    ),
  sha256: z
    .partialRecord(
      z.enum(["amd64", "arm64", "arm"]),
      z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 sum; write its 64 hexadecimal digits"),
    )
    .default({})
    .describe(
      "SHA-256 of the k3s binary by architecture; required where the mirror is http://. Default: the sum that Groundwork pins for this version, or else the release's own checksum file.",
    ),
  token: secret.optional().describe("Join token of servers; another one is rotated to. Default: generated."),
  agentToken: secret.optional().describe("Join token of agents. Default: generated."),
  disable: z
    .array(z.enum(["coredns", "servicelb", "traefik", "local-storage", "metrics-server", "runtimes"]))
    .default([])
    .describe("Packaged components of k3s to leave out."),
  tlsSans: z
    .array(hostAddress)
    .default([])
    .describe(
      "Further names and addresses in the API's certificate (tls-san); the nodes' own, cluster.apiAddress and cluster.joinAddress are always there.",
    ),
  secretsEncryption: z.boolean().default(true).describe("Encrypt Secrets in etcd (secrets-encryption)."),
  server: k3sSettings.default({}).describe("Further k3s settings of every server, in the names of k3s's config.yaml."),
  agent: k3sSettings.default({}).describe("Further k3s settings of every agent, in the names of k3s's config.yaml."),
  prepareHosts: z
    .boolean()
    .default(true)
    .describe(
      "Prepare the hosts: install the packages that the storage needs, enable iscsid for Longhorn, load kernel modules, set kernel parameters. false: nothing is installed, enabled or set by 'up'; programs of the storage that are missing, and an iscsid that does not run, are errors that name them. The files in /etc/sysctl.d and /etc/modules-load.d are written all the same: they count from the next boot.",
    ),
  swapOff: z
    .boolean()
    .default(false)
    .describe(
      "Switch swap off and mask its systemd units. false: swap stays as it is, and units that an earlier true masked come back; k3s runs with it (it sets the kubelet's failSwapOn to false). /etc/fstab is never written.",
    ),
});

/** `groundwork:rollout` */
export const rolloutSchema = z.strictObject({
  agentsAtOnce: z
    .number()
    .int()
    .min(1)
    .default(10)
    .describe("How many agents are worked on at the same time. Servers always go one after another."),
  maxUnavailable: z.number().int().min(1).default(1).describe("How many agents may be drained at the same time."),
  drain: z
    .enum(["restart", "upgrade", "never"])
    .default("restart")
    .describe(
      "When a node is drained before it changes: whenever k3s restarts, only when its version changes, or never.",
    ),
  drainTimeoutSeconds: seconds
    .default(300)
    .describe("How long a drain may take before it is given up and the node is uncordoned, in seconds."),
  readyTimeoutSeconds: seconds
    .default(300)
    .describe("How long a node may take to be Ready (and a server to be an etcd voter), in seconds."),
});
