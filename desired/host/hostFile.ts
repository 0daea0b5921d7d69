import type { Secret } from "../../config/secret";

/** A file that a host gets, and what its change means for k3s. */
export interface HostFile {
  readonly path: string;
  /** Octal, as chmod takes it. */
  readonly mode: string;
  /** `restart`: k3s restarts; `unit`: and systemd reloads; `reload`: only that; `keep`: k3s reads it at its next start. */
  readonly effect: "restart" | "unit" | "reload" | "keep";
  /** One word for the summary of a run. */
  readonly label: string;
  readonly content: string;
  /** Its place or content is given by the settings, and not by Groundwork alone: one of the host's own is never replaced by it. */
  readonly given?: true;
}

/**
 * A file whose content is a secret. Its text comes to the host with the tokens, in the one script that is a secret as a whole, and
 * waits there for root only; the host's own script, which everybody may see, has its mark alone, and puts it in its place.
 *
 * @example
 * { path: "/etc/rancher/k3s/my.yaml", mode: "600", effect: "restart", label: "mine", ...secretText((show) => `key: ${show(key)}\n`) }
 */
export interface SecretFile extends Omit<HostFile, "content" | "given"> {
  /** The whole text; it ends with a newline. Sealed where a part of it is (the offline plan). */
  readonly content: Secret;
  /** What people see of it: `[secret]` in the place of what is one. */
  readonly shown: string;
}

/** The files of ours on a host. */
export interface HostFiles {
  /** Those that it has. */
  readonly put: readonly HostFile[];
  /** Those whose content is a secret; they come with the tokens. */
  readonly secret: readonly SecretFile[];
  /** Those that it must not have. */
  readonly drop: readonly Omit<HostFile, "mode" | "content" | "given">[];
}
