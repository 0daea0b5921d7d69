import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import type { HostState, LabState } from "../state";
import { writeFileAtomically } from "../state";

/** A key of one's own: the private part's text and the public one as `ssh-ed25519 AAAA…`. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The key at a path; made when it is not there. @throws LabError when ssh-keygen is missing or fails. */
export async function ensureKey(path: string, comment: string): Promise<KeyPair> {
  if (!existsSync(path) || !existsSync(`${path}.pub`)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const made = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
    if (made.code === 127) {
      throw new LabError("ssh-keygen is not on this machine", "install OpenSSH's client (openssh-client)");
    }
    if (made.code !== 0) throw new LabError(`ssh-keygen cannot make ${path}: ${made.stderr.trim()}`);
  }
  chmodSync(path, 0o600);
  return { privateKey: readFileSync(path, "utf8"), publicKey: publicPart(readFileSync(`${path}.pub`, "utf8")) };
}

/** A public key without its comment. */
export function publicPart(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** Directory of a host's own key. */
export function hostKeyPath(paths: LabPaths, host: string): string {
  return join(paths.hostKeys, host, "ssh_host_ed25519_key");
}

/** The known_hosts file of a lab: each host's key for its published port, by address and by name. */
export function knownHosts(state: Pick<LabState, "loopback" | "hosts">): string {
  return state.hosts
    .map((host) => `${host.name},[${state.loopback}]:${String(host.sshPort)} ${host.hostKey}\n`)
    .join("");
}

/** An ssh_config with every host under its name: `ssh -F FILE server-1`. */
export function sshConfig(state: Pick<LabState, "loopback" | "hosts">, paths: LabPaths, user: string): string {
  const entry = (host: HostState): string =>
    [
      `Host ${host.name}`,
      `  HostName ${state.loopback}`,
      `  Port ${String(host.sshPort)}`,
      `  HostKeyAlias ${host.name}`,
    ].join("\n");
  const common = [
    "Host *",
    `  User ${user}`,
    `  IdentityFile "${paths.operatorKey}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${paths.knownHosts}"`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
    "  PasswordAuthentication no",
    "  ConnectTimeout 5",
    "  LogLevel ERROR",
  ].join("\n");
  return [...state.hosts.map(entry), common, ""].join("\n");
}

/** Writes both files. */
export function writeSshFiles(paths: LabPaths, state: LabState, user: string): void {
  writeFileAtomically(paths.knownHosts, knownHosts(state), 0o600);
  writeFileAtomically(paths.sshConfig, sshConfig(state, paths, user), 0o600);
}
