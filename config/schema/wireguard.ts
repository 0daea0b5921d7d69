import { z } from "zod";
import { cidrs, hostAndPort, interfaceName, ipAddresses, port, seconds } from "./scalars";

/** The public half of a WireGuard key: 32 bytes in base64. */
const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, "is not a WireGuard public key; print it with 'wg pubkey < KEY'");

/** Where a WireGuard peer is sent to. */
const endpoint = z
  .string()
  .refine(
    (text) => hostAndPort(text) !== undefined,
    "is no address with a port; write one like vpn.example.org:51820, 203.0.113.7:51820 or [2001:db8::7]:51820",
  );

/** `groundwork:nodes[].wireguard` */
export const nodeWireguardSchema = z.strictObject({
  endpoint: z
    .union([z.literal("none"), endpoint])
    .optional()
    .describe(
      "Where the other nodes reach this one's WireGuard port, HOST or HOST:PORT; 'none' for a node behind NAT that nobody reaches, which then calls the others. Default: the node's address, with network.wireguard.port.",
    ),
});

/** `groundwork:network.wireguard` */
export const wireguardSchema = z.strictObject({
  cidr: cidrs.describe(
    "Addresses of the mesh; two blocks, one of each family, in a cluster of both. Each node's internalIp is of them.",
  ),
  interface: interfaceName
    .default("wgmesh0")
    .describe("The interface that is made on each node (wg-quick@<interface>); flannel and the nodes use it."),
  port: port.default(51_820).describe("UDP port on which each node listens for the others."),
  keepaliveSeconds: seconds
    .max(65_535)
    .default(25)
    .describe(
      "How often a silent tunnel is kept open through NAT and firewalls, and how a node that left is known: it falls silent.",
    ),
  mtu: z
    .number()
    .int()
    .min(1280)
    .max(65_535)
    .optional()
    .describe("Largest packet inside the tunnel, in bytes. Default: wg-quick's, 80 below the way out's."),
  peers: z
    .record(
      z.string().regex(/^[A-Za-z0-9][\w.-]{0,62}$/, "is not a name; write one like laptop-anna"),
      z.strictObject({
        publicKey: publicKey.describe("The peer's public key. Its private half stays with it."),
        address: ipAddresses.describe("The peer's address inside the mesh; one of each family, where it has two."),
        endpoint: endpoint
          .optional()
          .describe("Where the nodes reach it, HOST:PORT. Default: nowhere; the peer calls them."),
      }),
    )
    .default({})
    .describe("Machines that are in the mesh and are no nodes, for instance an administrator's laptop, by name."),
});
