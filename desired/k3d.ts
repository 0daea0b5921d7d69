import { stringify } from "yaml";
import { hostPort } from "../config/addresses";
import type { Settings } from "../config/settings";
import { digestOf } from "./host/digests";
import { configText, containerConfig, K3S_DIRECTORY, RESOLV_CONF, resolvConf } from "./host/k3sConfig";

/** A cluster that k3d makes on the machine that runs Pulumi. */
export interface DesiredK3d {
  readonly name: string;
  readonly servers: number;
  readonly agents: number;
  readonly image: string;
  /** URL of the API; empty where k3d takes a free port. */
  readonly apiUrl: string;
  /** k3d's own config file, given to it on standard input. */
  readonly config: string;
  /** Changes exactly when the config file does: k3d cannot change a cluster that runs, so it is made anew. */
  readonly digest: string;
  readonly create: string;
  readonly delete: string;
  /** Prints the kubeconfig. */
  readonly kubeconfig: string;
}

/**
 * Decides k3d's config file (https://k3d.io/stable/usage/configfile, v1alpha5) and commands; undefined without `cluster.k3d`.
 *
 * k3s gets its settings as the same `config.yaml` that a host gets, and the site's resolvers as a file of their own: both are
 * in the containers before k3s starts for the first time, and stay through `k3d cluster stop` and `start`.
 */
export function k3dOf(settings: Settings): DesiredK3d | undefined {
  const { k3d } = settings.cluster;
  if (k3d === undefined) return undefined;
  const name = settings.cluster.name ?? settings.stack;
  const image = k3d.image ?? `rancher/k3s:${settings.k3s.version.replace("+", "-")}`;
  const config = stringify({
    apiVersion: "k3d.io/v1alpha5",
    kind: "Simple",
    metadata: { name },
    servers: k3d.servers,
    agents: k3d.agents,
    image,
    kubeAPI: { hostIP: "127.0.0.1", ...(k3d.apiPort === undefined ? {} : { hostPort: String(k3d.apiPort) }) },
    ports: k3d.ports.map(published),
    files: filesOf(settings),
    // The kubeconfig is the stack's output; nobody's own file is changed.
    options: { k3d: { wait: true }, kubeconfig: { updateDefaultKubeconfig: false, switchCurrentContext: false } },
  });
  return {
    name,
    servers: k3d.servers,
    agents: k3d.agents,
    image,
    apiUrl: k3d.apiPort === undefined ? "" : `https://${hostPort("127.0.0.1", k3d.apiPort)}`,
    config,
    digest: digestOf([config]),
    create: "k3d cluster create --config -",
    delete: `k3d cluster delete ${name}`,
    kubeconfig: `k3d kubeconfig get ${name}`,
  };
}

/** `8080:80@loadbalancer` as k3d's file has it. */
function published(text: string): { readonly port: string; readonly nodeFilters: readonly string[] } {
  const at = text.lastIndexOf("@");
  return { port: text.slice(0, at), nodeFilters: [text.slice(at + 1)] };
}

interface ContainerFile {
  readonly description: string;
  readonly source: string;
  readonly destination: string;
  readonly nodeFilters: readonly string[];
}

function filesOf(settings: Settings): ContainerFile[] {
  const resolvers = resolvConf(settings);
  const roles = ["server", "agent"] as const;
  const configs = roles.flatMap((role): ContainerFile[] => {
    const config = containerConfig(settings, role);
    if (Object.keys(config).length === 0) return [];
    const destination = `${K3S_DIRECTORY}/config.yaml`;
    return [
      { description: `settings of ${role}s`, source: configText(config), destination, nodeFilters: [`${role}:*`] },
    ];
  });
  if (resolvers === undefined) return configs;
  const everywhere = roles.map((role) => `${role}:*`);
  const file = { description: "the site's resolvers", source: resolvers, destination: RESOLV_CONF };
  return [...configs, { ...file, nodeFilters: everywhere }];
}
