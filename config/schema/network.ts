import { z } from "zod";
import { cidr, interfaceName, seconds } from "./scalars";

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
  openFirewall: z
    .boolean()
    .default(false)
    .describe(
      "Where firewalld or ufw is active on a host: let in everything from the other nodes, from pods and services, and the API's port on servers. false: a warning names what is missing. Rules of the host's own stay; Groundwork's go with k3s.",
    ),
  podCidr: cidr.default("10.42.0.0/16").describe("Addresses of pods (cluster-cidr)."),
  serviceCidr: cidr.default("10.43.0.0/16").describe("Addresses of services (service-cidr)."),
  nodePortRange: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, "is not a range of ports; write one like 30000-32767")
    .default("30000-32767")
    .describe("Ports that NodePort services may take (service-node-port-range)."),
});
