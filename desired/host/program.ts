import type { HostFiles, SecretFile } from "./hostFile";

/**
 * What a host is sent to run, as data: the component renders it to one shell script (components/k3s/script.ts), the plan shows
 * its facts, its files and its parts. Only the view of an engine's preview, which knows no more, reads the script's text back (plan/live).
 */
export interface HostProgram {
  /** What it is about, for the script's first line. */
  readonly title: string;
  /** What it is given, in order: variables of the script by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** Secrets that whoever renders it gives as well, under these names; then the whole script is a secret. */
  readonly secrets: readonly string[];
  /** Values that only other hosts' commands tell, under these names; they are no secrets. Default: none. */
  readonly awaited?: readonly string[];
  /** The files that it puts on the host or takes away; undefined where it has nothing to do with files. */
  readonly files: HostFiles | undefined;
  /** Files whose content comes with this program, for another one to put in their places; undefined where it brings none. */
  readonly brings?: readonly SecretFile[];
  /** Names of the shell parts that do it (components/k3s/scripts), in order. */
  readonly parts: readonly string[];
  /** What it can be asked to do; each is a function of one of the parts. */
  readonly verbs: readonly string[];
}
