import type { Settings } from "../../config/settings";
import { compareVersions, parseVersion, type Version } from "../../config/versions/version";

/** Which of the chart's names count: its series 39, or 40 and newer. */
export type TraefikChart = 39 | 40;

/**
 * The first k3s of each minor release with a chart of these names; every later one has it too, and so do newer minor ones.
 *
 * 40: the release notes of k3s 1.33.13+k3s2, 1.35.7 and 1.36.3 say that the chart is 40.x now; 1.34's by the numbers of the
 * same pull requests (k3s-io/k3s#14378 to #14381). 39: k3s-io/k3s#13805 with #13812 to #13815 of March 2026; counted from the
 * release after it. Between them stand the renaming of `providers.kubernetesIngressNginx` and the service's fields under
 * `service.spec` (traefik-helm-chart v40.0.0). Older charts are not known here.
 */
const FIRST: readonly (readonly [TraefikChart, readonly string[]])[] = [
  [40, ["v1.33.13+k3s2", "v1.34.10+k3s1", "v1.35.7+k3s1", "v1.36.3+k3s1"]],
  [39, ["v1.33.11+k3s1", "v1.34.7+k3s1", "v1.35.4+k3s1", "v1.36.0+k3s1"]],
];

/** The chart of the Traefik that this k3s brings; undefined for an older one than is known here. */
export function traefikChartOf(k3sVersion: string): TraefikChart | undefined {
  const version = parseVersion(k3sVersion);
  return version === undefined ? undefined : FIRST.find(([, firsts]) => isSince(version, firsts))?.[0];
}

/** The k3s to write in place of one that is older than is known here. */
export function oldestKnownK3s(k3sVersion: string): string {
  const [, firsts = []] = FIRST.at(-1) ?? [];
  const minor = parseVersion(k3sVersion)?.minor;
  return firsts.find((first) => parseVersion(first)?.minor === minor) ?? firsts[0] ?? "";
}

/** The k3s of every server, with the setting that says so; before there are servers, the one that they would have. */
export function serverVersions(settings: Settings): { readonly path: string; readonly version: string }[] {
  const { nodes, k3s } = settings;
  const own = nodes.flatMap((node, index) =>
    node.role === "server" && node.k3sVersion !== undefined
      ? [{ path: `nodes[${index}].k3sVersion`, version: node.k3sVersion }]
      : [],
  );
  const isShared = nodes.every(({ role }) => role !== "server") || nodes.some(hasShared);
  return [...(isShared ? [{ path: "k3s.version", version: k3s.version }] : []), ...own];
}

/** The chart whose names count for a cluster: its newest server's, which writes k3s's manifests anew when it has been raised. */
export function chartOfCluster(settings: Settings): TraefikChart | undefined {
  const versions = serverVersions(settings).flatMap(({ version }) => parseVersion(version) ?? []);
  const newest = versions.sort(compareVersions).at(-1);
  return newest === undefined ? undefined : FIRST.find(([, firsts]) => isSince(newest, firsts))?.[0];
}

function hasShared(node: Settings["nodes"][number]): boolean {
  return node.role === "server" && node.k3sVersion === undefined;
}

function isSince(version: Version, firsts: readonly string[]): boolean {
  const parsed = firsts.flatMap((first) => parseVersion(first) ?? []);
  const sameMinor = parsed.find(({ minor }) => minor === version.minor);
  if (sameMinor !== undefined) return compareVersions(version, sameMinor) >= 0;
  return parsed.every(({ minor }) => minor < version.minor);
}
