import type { BastionSettings, NodeSettings, Settings } from "../config/settings";
import type { Secret } from "../config/secret";

/** How a host is reached: plain values, before any Pulumi type. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Public host key in OpenSSH's format; undefined only with `ssh.trustOnFirstUse`. */
  readonly hostKey: string | undefined;
  /** Undefined where the keys of the operator's ssh-agent are used. */
  readonly privateKey: Secret | undefined;
  readonly privateKeyPassphrase: Secret | undefined;
  /** What sudo asks the user for; undefined for root, and where sudo asks for nothing. */
  readonly sudoPassword: Secret | undefined;
  /** Attempts to connect, as `@pulumi/command` counts them. */
  readonly dialAttempts: number;
  readonly bastion: BastionTarget | undefined;
}

/** The host that connections go through. */
export interface BastionTarget extends Omit<SshTarget, "bastion" | "dialAttempts" | "sudoPassword"> {
  /** Its name in `ssh.bastions`. */
  readonly name: string;
}

/** How a node's host is reached: its own settings, otherwise those of the stack. */
export function sshTarget({ ssh }: Settings, node: NodeSettings): SshTarget {
  const bastionName = node.ssh.bastion ?? ssh.bastion;
  const bastion = bastionName === undefined || bastionName === "none" ? undefined : ssh.bastions[bastionName];
  const user = node.ssh.user ?? ssh.user;
  return {
    host: node.address,
    port: node.ssh.port ?? ssh.port,
    user,
    hostKey: node.hostKey,
    privateKey: ssh.privateKey,
    privateKeyPassphrase: ssh.privateKeyPassphrase,
    sudoPassword: user === "root" ? undefined : (node.ssh.sudoPassword ?? ssh.sudoPassword),
    dialAttempts: ssh.dialAttempts,
    bastion: bastionName === undefined || bastion === undefined ? undefined : bastionTarget(ssh, bastionName, bastion),
  };
}

/**
 * A command that becomes root where the user is not. What it reads is given through {@link inputAsRoot}.
 *
 * @param command Words of a shell; no pipe and no list.
 */
export function asRoot({ user, sudoPassword }: SshTarget, command: string): string {
  if (user === "root") return command;
  return sudoPassword === undefined ? `sudo -n ${command}` : `sh -c '${SUDO_WITH_PASSWORD}' sudo ${command}`;
}

/** The standard input of such a command: sudo's password stands before it, where one is asked for; then it is a secret. */
export function inputAsRoot({ user, sudoPassword }: SshTarget, input: string): string {
  return user === "root" || sudoPassword === undefined ? input : `${sudoPassword.reveal()}\n${input}`;
}

/**
 * The password is the first line of the standard input: a variable of this shell, which printf, a part of the shell, hands to sudo;
 * in no argument, environment or file. It is tried alone first: of a longer input sudo would take the next lines as further
 * tries, and lock the account. Where sudo asks for none after all (NOPASSWD), its line is still there for the command: all is
 * skipped up to the mark. No quote may be in it: it stands between single ones.
 */
const SUDO_WITH_PASSWORD = [
  "IFS= read -r password",
  'said=$(printf "%s\\n" "$password" | sudo -kSp "" true 2>&1) || { printf "error: sudo does not accept ssh.sudoPassword of %s: %s\\n" "$(id -un)" "${said##*sudo: }" >&2; exit 1; }',
  '{ printf "%s\\n#\\n" "$password"; cat; } | sudo -Sp "" sh -c "until [ \\"\\$line\\" = \\"#\\" ]; do IFS= read -r line || exit 1; done; exec \\"\\$@\\"" sh "$@"',
].join("; ");

function bastionTarget(ssh: Settings["ssh"], name: string, bastion: BastionSettings): BastionTarget {
  const own = bastion.privateKey !== undefined;
  return {
    name,
    host: bastion.address,
    port: bastion.port,
    user: bastion.user ?? ssh.user,
    hostKey: bastion.hostKey,
    privateKey: bastion.privateKey ?? ssh.privateKey,
    privateKeyPassphrase: own ? bastion.privateKeyPassphrase : ssh.privateKeyPassphrase,
  };
}
