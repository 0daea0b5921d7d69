import { createHash } from "node:crypto";
import type { Settings } from "../../config/settings";
import type { HostFiles } from "./hostFile";
import { restartsK3s } from "./impact";
import { resolvConf } from "./k3sConfig";
import { markOf } from "./secretText";

/** Changes exactly when k3s has to restart: its version, or a file that it reads at its start only. @param images Archives of images. */
export function fingerprintOf(version: string, { put, secret }: HostFiles, images: readonly string[] = []): string {
  return digestOf([
    version,
    ...put.filter(restartsK3s).map((file) => `${file.path}\n${file.content}`),
    ...secret.filter(restartsK3s).map((file) => `${file.path}\n${markOf(file)}`),
    ...images,
  ]);
}

/** Changes exactly when CoreDNS would ask other resolvers. */
export function resolversDigest(settings: Settings): string {
  return digestOf([resolvConf(settings) ?? ""]);
}

/** Tells one machine from another; empty where its key is not known. The comment behind a key does not count. */
export function hostKeyDigest(hostKey: string | undefined): string {
  return hostKey === undefined ? "" : digestOf([hostKey.trim().split(/\s+/).slice(0, 2).join(" ")]);
}

/** Short, and the same for the same texts. */
export function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
