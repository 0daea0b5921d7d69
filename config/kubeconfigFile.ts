import { parse } from "yaml";

/** What a kubeconfig's current context leads to. */
export interface KubeconfigCluster {
  /** URL of the API. */
  readonly server: string;
  /** Its certificate authority, base64; empty where it is a file or left out. */
  readonly authority: string;
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: { readonly cluster?: string } }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster?: { readonly server?: string; readonly "certificate-authority-data"?: string };
  }[];
}

/** The cluster of a kubeconfig's current context, or what is wrong with the kubeconfig. */
export function currentCluster(text: string): KubeconfigCluster | string {
  let config: Kubeconfig | null;
  try {
    config = parse(text) as Kubeconfig | null;
  } catch {
    return "is not valid YAML";
  }
  if (typeof config !== "object" || config?.clusters === undefined) return "is not a kubeconfig";
  const current = config["current-context"] ?? "";
  const cluster = config.contexts?.find(({ name }) => name === current)?.context?.cluster;
  if (cluster === undefined) return current === "" ? "has no current-context" : `has no context '${current}'`;
  const found = config.clusters.find(({ name }) => name === cluster)?.cluster;
  if (found?.server === undefined) return `has no cluster '${cluster}' with a server`;
  return { server: found.server, authority: found["certificate-authority-data"] ?? "" };
}
