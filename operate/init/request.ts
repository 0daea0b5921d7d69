import type { Problem } from "../../config/problem";
import { addressBlock } from "../../config/addresses";

/** What is used of `ssh-config`, whose types are those of a module. */
interface SshConfigParser {
  readonly parse: (text: string) => {
    readonly compute: (host: string, options: { readonly ignoreCase: boolean }) => Record<string, string | string[]>;
  };
}
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
const { parse: parseSshConfig } = require("ssh-config") as SshConfigParser;

/** A machine as somebody named it: `[name=][user@]host[:port]`, with what the user's SSH configuration says of it. */
export interface Requested {
  readonly role: "server" | "agent";
  /** As it was written, for messages. */
  readonly written: string;
  /** The name that was asked for; undefined for the machine's own. */
  readonly name: string | undefined;
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** Files of private keys that are tried, in order. */
  readonly identityFiles: readonly string[];
}

/** What stands beside what was written. */
export interface RequestContext {
  /** Text of `~/.ssh/config`; empty where there is none. */
  readonly sshConfig: string;
  /** Who asks, where nobody says who logs in. */
  readonly localUser: string;
  readonly home: string;
  /** Keys that are tried where the configuration names none. */
  readonly defaultIdentities: readonly string[];
}

/** Reads one machine; a text where it cannot be. */
export function readRequested(role: "server" | "agent", written: string, context: RequestContext): Requested | Problem {
  const parts =
    /^(?:([a-z0-9][-a-z0-9.]*)=)?(?:([^@\s]+)@)?(\[[0-9a-fA-F:.]+\]|[^:@\s]+|[0-9a-fA-F:]+:[0-9a-fA-F:]*)(?::(\d+))?$/.exec(
      written,
    );
  const problem = (text: string, remedy: string): Problem => ({ path: `--${role} ${written}`, problem: text, remedy });
  if (parts === null) return problem("is not a machine", "write [NAME=][USER@]HOST[:PORT], e.g. admin@192.168.1.10");
  const [, name, user, bracketed = "", port] = parts;
  const host = bracketed.replace(/^\[|\]$/g, "");
  const known = parseSshConfig(context.sshConfig).compute(host, { ignoreCase: true });
  const value = (key: string): string | undefined => {
    const found = known[key.toLowerCase()] ?? known[key];
    return Array.isArray(found) ? found[0] : found;
  };
  if (value("ProxyJump") !== undefined && value("ProxyJump") !== "none") {
    return problem(
      `is reached through ${value("ProxyJump") ?? ""} (ProxyJump in ~/.ssh/config), which init cannot do`,
      "write its entry and the bastion (ssh.bastions) by hand; Pulumi.staging.yaml is an example",
    );
  }
  const files = known["identityfile"] ?? known["IdentityFile"] ?? context.defaultIdentities;
  return {
    role,
    written,
    // An alias of ~/.ssh/config is what somebody calls the machine.
    name: name ?? (value("HostName") === undefined || addressBlock(host) !== undefined ? undefined : host),
    user: user ?? value("User") ?? context.localUser,
    address: value("HostName") ?? host,
    port: Number(port ?? value("Port") ?? 22),
    identityFiles: [files].flat().map((file) => file.replace(/^~(?=\/)/, context.home)),
  };
}
