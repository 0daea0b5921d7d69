import { stringify } from "yaml";
import { DEFAULT_API_PORT, each, hostOf, type OneOrTwo } from "../../config/addresses";
import { addons } from "../../addons/all";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import { snapshotConfig } from "../snapshots";

/** Where k3s reads the site's resolvers from. */
export const RESOLV_CONF = "/etc/resolv.k3s.conf";
export const K3S_DIRECTORY = "/etc/rancher/k3s";

/** Settings of k3s, in the names of its config.yaml. */
export type K3sConfig = Record<string, unknown>;

/**
 * `/etc/rancher/k3s/config.yaml`: all of a node's k3s settings but how it joins. A change restarts k3s on this node.
 * What every server must agree on comes from the stack alone, so that it cannot differ between servers (k3s#4579).
 * Keys: https://docs.k3s.io/cli/server and https://docs.k3s.io/cli/agent.
 */
export function k3sConfig(settings: Settings, node: NodePlace): K3sConfig {
  return mergeConfig(
    node.role === "server" ? serverConfig(settings, node) : {},
    hostConfig(settings, node),
    node.role === "server" ? settings.k3s.server : settings.k3s.agent,
    // Where k3s's own keys for it stood before: whoever writes the setting in their place restarts nothing.
    node.role === "server" ? snapshotConfig(settings) : {},
    node.settings.k3s,
  );
}

/**
 * `config.yaml.d/10-join.yaml`: what only matters when the node joins. A member reads it and ignores it, so a change (a first
 * server that was replaced) does not restart anything. The host puts another server there when the first to try does not answer
 * (scripts/join.sh).
 */
export function joinConfig(node: NodePlace): K3sConfig {
  const [first] = node.join;
  return {
    ...(first === undefined ? { "cluster-init": true } : { server: `https://${first}` }),
    "token-file": `${K3S_DIRECTORY}/token`,
    ...(node.role === "server" ? { "agent-token-file": `${K3S_DIRECTORY}/agent-token` } : {}),
    // Later changes are made by <node>-ready; here they keep pods away from the first second on.
    ...(node.settings.taints.length > 0 ? { "node-taint": node.settings.taints } : {}),
  };
}

/** A configuration as the file that k3s reads. */
export function configText(config: K3sConfig): string {
  return stringify(config, { lineWidth: 0 });
}

/** `/etc/resolv.k3s.conf`, or undefined when the host's own resolvers are used. */
export function resolvConf(settings: Settings): string | undefined {
  const { upstream, searchDomains } = settings.dns;
  if (upstream === undefined) return undefined;
  const search = searchDomains.length > 0 ? [`search ${searchDomains.join(" ")}`] : [];
  return [...search, ...upstream.map((address) => `nameserver ${address}`), ""].join("\n");
}

/** `config.yaml` of a server or an agent in a container that k3d makes: k3d itself gives its name, address and token. */
export function containerConfig(settings: Settings, role: "server" | "agent"): K3sConfig {
  const { k3s, dns } = settings;
  return mergeConfig(
    role === "server"
      ? { ...(k3s.tlsSans.length > 0 ? { "tls-san": k3s.tlsSans } : {}), ...clusterConfig(settings) }
      : {},
    optional("resolv-conf", dns.upstream === undefined ? undefined : RESOLV_CONF),
    role === "server" ? k3s.server : k3s.agent,
  );
}

function hostConfig(settings: Settings, node: NodePlace): K3sConfig {
  return {
    "node-name": node.name,
    ...optional("node-ip", joined(node.settings.internalIp)),
    ...optional("node-external-ip", joined(node.settings.externalIp)),
    ...optional("flannel-iface", settings.network.flannelBackend === "none" ? undefined : node.interface),
    ...optional("resolv-conf", settings.dns.upstream === undefined ? undefined : RESOLV_CONF),
  };
}

function serverConfig(settings: Settings, node: NodePlace): K3sConfig {
  const { k3s, cluster } = settings;
  const { address, internalIp, externalIp } = node.settings;
  const { apiAddress, joinAddress, virtualIp } = cluster;
  const ends = [hostOf(apiAddress), hostOf(joinAddress)];
  const names = [...ends, virtualIp?.address, ...k3s.tlsSans, address, ...each(internalIp), ...each(externalIp)];
  return {
    "tls-san": [...new Set(names.filter((name) => name !== undefined))],
    ...(cluster.apiPort === DEFAULT_API_PORT ? {} : { "https-listen-port": cluster.apiPort }),
    ...clusterConfig(settings),
    "write-kubeconfig-mode": "0600",
  };
}

/** What is the same on every server, wherever it runs. */
function clusterConfig(settings: Settings): K3sConfig {
  const { k3s, network, dns } = settings;
  const disable = disabledComponents(settings);
  return {
    "cluster-cidr": joined(network.podCidr),
    "service-cidr": joined(network.serviceCidr),
    "cluster-domain": dns.clusterDomain,
    "service-node-port-range": network.nodePortRange,
    "flannel-backend": network.flannelBackend,
    ...(network.ipv6Masquerade ? { "flannel-ipv6-masq": true } : {}),
    ...(disable.length > 0 ? { disable } : {}),
    "secrets-encryption": k3s.secretsEncryption,
  };
}

/** One or two, as k3s has them: with a comma between them. */
function joined(given: OneOrTwo): string;
function joined(given: OneOrTwo | undefined): string | undefined;
function joined(given: OneOrTwo | undefined): string | undefined {
  return given === undefined ? undefined : each(given).join(",");
}

function optional(key: string, value: string | undefined): K3sConfig {
  return value === undefined ? {} : { [key]: value };
}

/** Later layers win; lists are joined, so that a node's `kubelet-arg` adds to its role's. */
function mergeConfig(...layers: readonly K3sConfig[]): K3sConfig {
  const merged: K3sConfig = {};
  for (const [key, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const before = merged[key];
    merged[key] =
      Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
  }
  return merged;
}

/** Packaged components that k3s leaves out: those of `k3s.disable`, and what an add-on takes the place of. Sorted. */
export function disabledComponents(settings: Settings): string[] {
  const replaced = addons.flatMap(({ replaces }) => replaces?.(settings, addons) ?? []);
  return [...new Set([...settings.k3s.disable, ...replaced])].sort();
}
