import { z } from "zod";
import { cidrs, interfaceName, seconds } from "./scalars";
import { wireguardSchema } from "./wireguard";

/** `groundwork:network` */
export const networkSchema = z.strictObject({
  interface: interfaceName
    .optional()
    .describe(
      "Interface that flannel and the nodes use (flannel-iface), for instance the VPN's. Default: network.wireguard's, or the one with the default route.",
    ),
  interfaceWaitSeconds: seconds
    .default(120)
    .describe("How long a booting node waits for the interface to be up and to have an address, in seconds."),
  flannelBackend: z
    .enum(["vxlan", "wireguard-native", "host-gw", "none"])
    .default("vxlan")
    .describe("How pods of different nodes reach each other. vxlan is not encrypted."),
  wireguard: wireguardSchema
    .optional()
    .describe(
      "A WireGuard mesh that Groundwork makes between the nodes: each host makes its own key, which never leaves it; nodes come and go without a restart of the others. flannel runs on it.",
    ),
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
  openFirewall: z
    .boolean()
    .default(false)
    .describe(
      "Where firewalld or ufw is active on a host: let in everything from the other nodes, from pods and services, and the API's port on servers. false: a warning names what is missing. Rules of the host's own stay; Groundwork's go with k3s.",
    ),
  podCidr: cidrs
    .default("10.42.0.0/16")
    .describe(
      "Addresses of pods (cluster-cidr). Two, one of each family, make a cluster of both (dual stack); the first is the primary one. It holds for ever.",
    ),
  serviceCidr: cidrs
    .default("10.43.0.0/16")
    .describe("Addresses of services (service-cidr); two where podCidr has two, in the same order."),
  ipv6Masquerade: z
    .boolean()
    .default(false)
    .describe(
      "Hide the IPv6 addresses of pods behind their node's where they talk to the outside (flannel-ipv6-masq), as it always is with IPv4. Needed where the site does not route network.podCidr.",
    ),
  nodePortRange: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, "is not a range of ports; write one like 30000-32767")
    .default("30000-32767")
    .describe("Ports that NodePort services may take (service-node-port-range)."),
});
