import { createHash } from "node:crypto";
import type { Cluster } from "./cluster";
import type { Files } from "./files";

export const HASH = "k3s.io/encryption-config-hash";
const CONFIG = "/var/lib/rancher/k3s/server/cred/encryption-config.json";
export const STATE = "/var/lib/rancher/k3s/server/cred/encryption-state.json";
const FIRST = ["aescbckey"];

export const hashOf = (names: readonly string[]): string => createHash("sha256").update(names.join()).digest("hex");

/** A server that starts takes over what etcd has, or makes the first key. */
export function takeKeys(files: Files, cluster: Cluster): void {
  cluster.keys ??= { names: FIRST, state: `start-${hashOf(FIRST)}` };
  writeConfig(files, cluster.keys.names);
  files.write(STATE, cluster.keys.state, 0o600);
}

/** When its Node is there, it has the stage of the file; what a rotation that was cut off wrote on it is gone. */
export function annotateKeys(files: Files, cluster: Cluster, name: string): void {
  const state = files.read(STATE);
  const node = cluster.node(name);
  if (state !== undefined && node !== undefined) node.metadata.annotations[HASH] = state;
}

/** Names of the keys that a server has in its file, the active one first. */
export function configured(files: Files): string[] | undefined {
  const text = files.read(CONFIG);
  return text === undefined ? undefined : (JSON.parse(text) as { keys: string[] }).keys;
}

export function writeConfig(files: Files, names: readonly string[]): void {
  files.write(CONFIG, JSON.stringify({ keys: names }), 0o600);
}
