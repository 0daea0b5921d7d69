import { createHash } from "node:crypto";
import type { Settings } from "../../config/settings";
import type { HostFiles } from "./files";
import { resolvConf } from "./k3sConfig";

/** Changes exactly when k3s has to restart: its version, or a file that it reads at its start only. */
export function fingerprintOf(version: string, { put }: HostFiles): string {
  const restarting = put.filter((file) => file.effect === "restart" || file.effect === "unit");
  return digest([version, ...restarting.map((file) => `${file.path}\n${file.content}`)]);
}

/** Changes exactly when CoreDNS would ask other resolvers. */
export function resolversDigest(settings: Settings): string {
  return digest([resolvConf(settings) ?? ""]);
}

/** Tells one machine from another; empty where its key is not known. The comment behind a key does not count. */
export function hostKeyDigest(hostKey: string | undefined): string {
  return hostKey === undefined ? "" : digest([hostKey.trim().split(/\s+/).slice(0, 2).join(" ")]);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
