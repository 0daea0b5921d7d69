import { createHash, X509Certificate } from "node:crypto";
import { parse, stringify } from "yaml";
import { insideFrame } from "../../desired/host/framed";

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { "client-certificate-data"?: string } }[];
}

/** What a kubeconfig has; a line that a start file printed is none of it. */
const KEYS = ["apiVersion", "kind", "clusters", "contexts", "users", "current-context", "preferences"];

/**
 * k3s's own kubeconfig speaks of `default` on 127.0.0.1; this is the one for people: the API's address from outside, and a
 * cluster, user and context that carry the cluster's name, so that it merges into a kubeconfig that has others. Only what a
 * kubeconfig has is taken over.
 */
export function exportedKubeconfig(text: string, options: { readonly server: string; readonly name: string }): string {
  const config = read(text);
  return stringify({
    ...Object.fromEntries(Object.entries(config).filter(([key]) => KEYS.includes(key))),
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

/** When the client certificate of a kubeconfig runs out; undefined where it has none that can be read. */
export function runsOut(kubeconfig: string): Date | undefined {
  const [entry] = read(kubeconfig).users;
  const data = entry?.user["client-certificate-data"];
  if (data === undefined) return undefined;
  try {
    return new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined;
  }
}

function pinnedBytes(bundle: Buffer): Buffer {
  const pems = bundle.toString("utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (pems.length <= 1) return bundle;
  const root = pems.map((pem) => new X509Certificate(pem)).find((certificate) => certificate.checkIssued(certificate));
  return root?.raw ?? bundle;
}

/**
 * @param text What was read from the host: inside a frame (desired/host/framed.ts); or, from releases of before, as the host's shell printed it, with lines
 * of start files on top, perhaps.
 */
function read(text: string): Kubeconfig {
  const own = insideFrame(text) ?? text.slice(Math.max(0, text.search(/^apiVersion:/m)));
  const config = parsed(own);
  if (config?.clusters === undefined || config.contexts === undefined || config.users === undefined) {
    const line = own.trim().split("\n")[0] ?? "";
    const shown = /data|token|password/i.test(line) ? "" : ` (it begins with ${JSON.stringify(line.slice(0, 60))})`;
    throw new Error(
      `the first server's /etc/rancher/k3s/k3s.yaml is not a kubeconfig${shown}; where that is not the file's own text, look into the start files of the SSH user's shell: ~/.bashrc, ~/.profile, /etc/profile.d`,
    );
  }
  return config as Kubeconfig;
}

function parsed(text: string): Partial<Kubeconfig> | null {
  try {
    const found: unknown = parse(text);
    return typeof found === "object" ? found : null;
  } catch {
    return null; // not YAML: what it begins with is said
  }
}
