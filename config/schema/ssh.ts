import { z } from "zod";
import { dnsLabel, hostAddress, port, secret } from "./scalars";

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
  privateKeyPassphrase: secret.optional().describe("Passphrase of the bastion's own private key."),
});

/** `groundwork:ssh` */
export const sshSchema = z.strictObject({
  user: z
    .string()
    .min(1)
    .default("root")
    .describe("User on the nodes: root, or one who may use sudo, without a password or with ssh.sudoPassword."),
  sudoPassword: secret
    .optional()
    .describe(
      "What sudo asks the user on the nodes for. It is given on standard input alone. Leave it out where sudo asks for nothing, and for root.",
    ),
  port: port.default(22).describe("SSH port of the nodes."),
  privateKey: secret
    .optional()
    .describe("Private key that every node accepts (PEM or OpenSSH format). Required, unless ssh.agent."),
  privateKeyPassphrase: secret.optional().describe("Passphrase of the private key."),
  agent: z
    .boolean()
    .default(false)
    .describe(
      "Use the keys of the ssh-agent that SSH_AUTH_SOCK names where this runs, for nodes and bastions (keys on hardware, for instance). ssh.privateKey may then be left out.",
    ),
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
