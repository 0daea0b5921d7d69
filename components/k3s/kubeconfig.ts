import { createHash, X509Certificate } from "node:crypto";
import { parse, stringify } from "yaml";

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: unknown }[];
  "current-context": string;
}

/**
 * k3s's own kubeconfig speaks of `default` on 127.0.0.1; this is the one for people: the API's address from outside, and a
 * cluster, user and context that carry the cluster's name, so that it merges into a kubeconfig that has others.
 */
export function exportedKubeconfig(text: string, options: { readonly server: string; readonly name: string }): string {
  const config = read(text);
  return stringify({
    ...config,
    clusters: config.clusters.map((entry) => ({
      name: options.name,
      cluster: { ...entry.cluster, server: options.server },
    })),
    contexts: [{ name: options.name, context: { cluster: options.name, user: options.name } }],
    users: config.users.map((entry) => ({ ...entry, name: options.name })),
    "current-context": options.name,
  });
}

/**
 * A join token that only the cluster with this certificate authority gets to see: `K10<hash of the CA>::<user>:<token>`.
 * The hash is k3s's: of the file's bytes, or, for a bundle, of the root certificate (https://docs.k3s.io/cli/token#secure,
 * pkg/clientaccess/token.go).
 */
export function pinnedToken(kubeconfig: string, user: "server" | "node", token: string): string {
  const [entry] = read(kubeconfig).clusters;
  if (entry === undefined) throw new Error("the cluster's kubeconfig names no cluster");
  const bundle = Buffer.from(entry.cluster["certificate-authority-data"], "base64");
  return `K10${createHash("sha256").update(pinnedBytes(bundle)).digest("hex")}::${user}:${token}`;
}

function pinnedBytes(bundle: Buffer): Buffer {
  const pems = bundle.toString("utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (pems.length <= 1) return bundle;
  const root = pems.map((pem) => new X509Certificate(pem)).find((certificate) => certificate.checkIssued(certificate));
  return root?.raw ?? bundle;
}

function read(text: string): Kubeconfig {
  const config = parse(text) as Partial<Kubeconfig> | null;
  if (config?.clusters === undefined || config.contexts === undefined || config.users === undefined) {
    throw new Error("the first server's /etc/rancher/k3s/k3s.yaml is not a kubeconfig");
  }
  return config as Kubeconfig;
}
