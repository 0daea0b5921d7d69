import { createHash } from "node:crypto";
import { stringify } from "yaml";

/** A stack's file with three servers and agents up to a number of nodes, and with every add-on. */
export function manyNodes(count: number): string {
  const nodes = Array.from({ length: count }, (_, index) => {
    const role = index < 3 ? "server" : "agent";
    const name = `${role === "server" ? "s" : "a"}${String(index + 1).padStart(4, "0")}`;
    const host = `${Math.floor(index / 200)}.${(index % 200) + 10}`;
    return { name, role, address: `10.90.${host}`, internalIp: `10.91.${host}`, hostKey: hostKey(name) };
  });
  const config = {
    "groundwork:cluster": { apiAddress: "10.91.255.1" },
    "groundwork:nodes": nodes,
    "groundwork:network": { interface: "wg0" },
    "groundwork:dns": { upstream: ["10.90.255.2"] },
    "groundwork:k3s": { disable: ["traefik", "servicelb"] },
    "groundwork:storage": { longhorn: { default: true }, nfs: { server: "10.90.255.5", path: "/export/k3s" } },
    "groundwork:ingress": { controller: "ingress-nginx", kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" },
    "groundwork:certificates": { certManager: true, email: "bench@example.org" },
    "groundwork:issuers": { "internal-ca": { type: "ca" } },
    "groundwork:namespaces": { apps: { quota: { pods: 100 } } },
  };
  return stringify({ config });
}

/** A well-formed ed25519 host key of nobody (RFC 8709: the type's name, then 32 bytes). */
function hostKey(name: string): string {
  const type = "ssh-ed25519";
  const field = (content: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const key = createHash("sha256").update(name).digest();
  return `${type} ${Buffer.concat([field(Buffer.from(type)), field(key)]).toString("base64")}`;
}
