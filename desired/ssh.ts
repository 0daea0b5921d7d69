import type { BastionSettings, NodeSettings, Settings } from "../config/settings";
import type { Secret } from "../config/secret";

/** How a host is reached: plain values, before any Pulumi type. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Public host key in OpenSSH's format; undefined only with `ssh.trustOnFirstUse`. */
  readonly hostKey: string | undefined;
  readonly privateKey: Secret | undefined;
  readonly privateKeyPassphrase: Secret | undefined;
  /** Attempts to connect, as `@pulumi/command` counts them. */
  readonly dialAttempts: number;
  readonly bastion: BastionTarget | undefined;
}

/** The host that connections go through. */
export interface BastionTarget extends Omit<SshTarget, "bastion" | "dialAttempts"> {
  /** Its name in `ssh.bastions`. */
  readonly name: string;
}

/** How a node's host is reached: its own settings, otherwise those of the stack. */
export function sshTarget({ ssh }: Settings, node: NodeSettings): SshTarget {
  const bastionName = node.ssh.bastion ?? ssh.bastion;
  const bastion = bastionName === undefined || bastionName === "none" ? undefined : ssh.bastions[bastionName];
  return {
    host: node.address,
    port: node.ssh.port ?? ssh.port,
    user: node.ssh.user ?? ssh.user,
    hostKey: node.hostKey,
    privateKey: ssh.privateKey,
    privateKeyPassphrase: ssh.privateKeyPassphrase,
    dialAttempts: ssh.dialAttempts,
    bastion: bastionName === undefined || bastion === undefined ? undefined : bastionTarget(ssh, bastionName, bastion),
  };
}

/** A command that becomes root where the user is not. */
export function asRoot({ user }: SshTarget, command: string): string {
  return user === "root" ? command : `sudo -n ${command}`;
}

function bastionTarget(ssh: Settings["ssh"], name: string, bastion: BastionSettings): BastionTarget {
  return {
    name,
    host: bastion.address,
    port: bastion.port,
    user: bastion.user ?? ssh.user,
    hostKey: bastion.hostKey,
    privateKey: bastion.privateKey ?? ssh.privateKey,
    privateKeyPassphrase: bastion.privateKey === undefined ? ssh.privateKeyPassphrase : undefined,
  };
}
