import { createHash, X509Certificate } from "node:crypto";
import type { Files } from "./files";

/** Files of the authorities below `server/tls`, as k3s seals them in etcd. */
export type Authorities = ReadonlyMap<string, string>;

export const KINDS = ["client", "server", "request-header", "etcd/server", "etcd/peer"];
export const AUTHORITY_FILES = [...KINDS.flatMap((kind) => [`${kind}-ca.crt`, `${kind}-ca.key`]), "service.key"];
export const TLS = "/var/lib/rancher/k3s/server/tls";

/** What tokens are pinned to: the file, or of a bundle the root (pkg/clientaccess/token.go, hashCA). */
export function pinOf(bundle: string): string {
  const certificates = certificatesIn(bundle);
  const root = certificates.find((one) => one.checkIssued(one));
  const pinned = certificates.length > 1 && root !== undefined ? root.raw : bundle;
  return createHash("sha256").update(pinned).digest("hex");
}

/** A server that starts has what etcd's data have. */
export function takeAuthorities(files: Files, authorities: Authorities): void {
  for (const [name, text] of authorities) files.write(`${TLS}/${name}`, text, 0o600);
}

export function certificatesIn(text: string): X509Certificate[] {
  return blocksIn(text, "CERTIFICATE").map((pem) => new X509Certificate(pem));
}

export function blocksIn(text: string, kind: string): string[] {
  return text.match(new RegExp(`-----BEGIN [A-Z ]*${kind}-----[^-]+-----END [A-Z ]*${kind}-----`, "g")) ?? [];
}
