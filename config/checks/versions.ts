import { compareKubernetes, parseVersion, type Version } from "../versions/version";
import type { NodeSettings, Settings } from "../settings";
import { flannelFixFor, k3sVersionOf, lowestK3sFor, sumOf } from "../versions/pins";
import { nodeInterface } from "../nodeInterface";
import { error, listed, warning, type Check } from "./check";

/** Every k3s tells what Groundwork waits for. */
export const lowestVersion: Check = (settings) =>
  versionPlaces(settings).flatMap(({ path, version }) => {
    const lowest = lowestK3sFor(version);
    if (lowest === undefined) return [];
    const problem = `${version} is too old: its servers do not say when etcd counts them as voters`;
    return [error(path, problem, `write ${lowest}+k3s1 or newer`)];
  });

/** What comes over an unprotected connection is checked against a sum that came another way. */
export const unprotectedMirror: Check = (settings) => {
  const { k3s } = settings;
  if (!k3s.mirror.startsWith("http://")) return [];
  const known = (version: string): boolean =>
    (["amd64", "arm64", "arm"] as const).some((arch) => sumOf(k3s, version, arch) !== undefined);
  return versionPlaces(settings)
    .filter(({ version }) => !known(version))
    .map(({ version, path }) =>
      path === "k3s.version"
        ? error(
            "k3s.sha256",
            `is missing, and k3s.mirror is http://: whoever is between could change k3s ${version} and its checksum file alike`,
            "write the SHA-256 of k3s for each architecture of your nodes (from the release's sha256sum-<arch>.txt), or use https://",
          )
        : error(
            path,
            `k3s.mirror is http://, and no SHA-256 of ${version} is known (k3s.sha256 is that of k3s.version)`,
            "use https:// while versions differ, or the same version everywhere",
          ),
    );
};

/** Servers differ by at most one minor release (kubernetes.io/releases/version-skew-policy). */
export const serverSkew: Check = (settings) => {
  const { oldest, newest } = servers(settings);
  if (oldest === undefined || newest === undefined || newest.parsed.minor - oldest.parsed.minor <= 1) return [];
  return [
    error(
      `nodes[${newest.index}].k3sVersion`,
      `${newest.text} is more than one minor release newer than ${oldest.text} of server ${oldest.name}`,
      "raise the servers one minor release at a time",
    ),
  ];
};

/** A kubelet is never newer than the oldest API server, and at most three minor releases older (same policy). */
export const agentSkew: Check = (settings) => {
  const { oldest, newest } = servers(settings);
  if (oldest === undefined || newest === undefined) return [];
  return versioned(settings, "agent").flatMap((agent) => {
    const path = agent.isOwn ? `nodes[${agent.index}].k3sVersion` : "k3s.version";
    if (compareKubernetes(agent.parsed, oldest.parsed) > 0) {
      return [
        error(
          path,
          `${agent.text} of agent ${agent.name} is newer than ${oldest.text} of server ${oldest.name}`,
          "raise the servers first",
        ),
      ];
    }
    if (newest.parsed.minor - agent.parsed.minor > 3) {
      return [
        error(
          path,
          `${agent.text} of agent ${agent.name} is more than three minor releases older than ${newest.text} of server ${newest.name}`,
          "raise the agent first",
        ),
      ];
    }
    return [];
  });
};

/** A VPN interface needs a flannel that survives its re-creation. */
export const flannelFix: Check = (settings) => {
  const { network, nodes } = settings;
  if (network.flannelBackend === "none") return [];
  const worried = nodes.flatMap((node, index) => {
    const path = node.k3sVersion === undefined ? "k3s.version" : `nodes[${index}].k3sVersion`;
    const version = k3sVersionOf(settings, node);
    const fix = flannelFixFor(version);
    return nodeInterface(settings, node) === undefined || fix === undefined
      ? []
      : [{ name: node.name, path, version, fix }];
  });
  const [first] = worried;
  if (first === undefined) return [];
  return [
    warning(
      first.path,
      `${first.version} loses the pod network when the interface of ${listed(worried.map(({ name }) => name))} is re-created (k3s-io/k3s#12436)`,
      `write ${first.fix} or newer`,
    ),
  ];
};

/** The oldest Kubernetes that the cluster's servers run. */
export function oldestServer(settings: Settings): Version | undefined {
  return servers(settings).oldest?.parsed;
}

export const versionChecks: readonly Check[] = [lowestVersion, unprotectedMirror, serverSkew, agentSkew, flannelFix];

interface Versioned {
  readonly name: string;
  readonly index: number;
  readonly text: string;
  readonly parsed: Version;
  /** Whether the node says its version itself. */
  readonly isOwn: boolean;
}

/** Each version that nodes have, with the first place that says so; before there are nodes, the one they would have. */
function versionPlaces(settings: Settings): { version: string; path: string }[] {
  const places = new Map<string, string>();
  settings.nodes.forEach((node, index) => {
    const version = k3sVersionOf(settings, node);
    const isShared = node.k3sVersion === undefined || version === settings.k3s.version;
    if (!places.has(version)) places.set(version, isShared ? "k3s.version" : `nodes[${index}].k3sVersion`);
  });
  if (places.size === 0) places.set(settings.k3s.version, "k3s.version");
  return [...places].map(([version, path]) => ({ version, path }));
}

function versioned(settings: Settings, role: NodeSettings["role"]): Versioned[] {
  return settings.nodes.flatMap((node, index) => {
    const text = k3sVersionOf(settings, node);
    const parsed = parseVersion(text);
    if (node.role !== role || parsed === undefined) return [];
    return [{ name: node.name, index, text, parsed, isOwn: node.k3sVersion !== undefined }];
  });
}

function servers(settings: Settings): { oldest: Versioned | undefined; newest: Versioned | undefined } {
  const sorted = versioned(settings, "server").sort((a, b) => compareKubernetes(a.parsed, b.parsed));
  return { oldest: sorted[0], newest: sorted.at(-1) };
}
