import { k3sSums, type Architecture } from "./k3sSums";
import { compareKubernetes, parseVersion } from "./version";

/**
 * Every version that Groundwork installs, and what is known of which versions go together.
 * A pin is changed here and nowhere else.
 */
export const versions = {
  /** https://update.k3s.io/v1-release/channels/stable */
  k3s: "v1.36.4+k3s1",
  /** Chart 4.15.1 brings controller 1.15.1, the last release: the repository was archived on 2026-03-24. */
  ingressNginx: "4.15.1",
  certManager: "v1.21.2",
  longhorn: "1.11.3",
  nfsProvisioner: "4.0.18",
  /** Images of the local-path provisioner, those of the pinned k3s; installed where k3s's own must not be the default class. */
  localPathProvisioner: "v0.0.36",
  localPathHelper: "1.37.0",
} as const;

/** The charts that Groundwork knows, by the names in their repositories. */
export type ChartName = "ingress-nginx" | "cert-manager" | "longhorn" | "nfs-subdir-external-provisioner";

/** What a chart's own project says about Kubernetes. Minor releases, both ends included. */
export interface Compatibility {
  readonly chart: ChartName;
  /** The chart's versions this is about: every version that begins with this text and a dot, or is it. */
  readonly series: string;
  /** Oldest Kubernetes on which it works at all: older is refused. */
  readonly needs: string;
  /** Kubernetes releases that its project has tested: others get a warning. */
  readonly tested?: readonly [oldest: string, newest: string];
}

/** A version that no entry speaks of is not judged. The first entry that fits counts. */
export const compatibility: readonly Compatibility[] = [
  // Supported versions table in the README of kubernetes/ingress-nginx; `kubeVersion` of the charts is >=1.21.
  { chart: "ingress-nginx", series: "4.15", needs: "1.21", tested: ["1.31", "1.35"] },
  { chart: "ingress-nginx", series: "4.14", needs: "1.21", tested: ["1.30", "1.34"] },
  // Supported releases of cert-manager (1.19 and 1.20: cert-manager/website#2007; 1.21: its tests' list of images,
  // make/kind_images.sh of cert-manager/cert-manager in August 2026); `kubeVersion` of the charts is >=1.22.
  { chart: "cert-manager", series: "v1.21", needs: "1.22", tested: ["1.33", "1.36"] },
  { chart: "cert-manager", series: "v1.20", needs: "1.22", tested: ["1.32", "1.35"] },
  { chart: "cert-manager", series: "v1.19", needs: "1.22", tested: ["1.31", "1.35"] },
  // CHANGELOG-1.11.3.md of longhorn/longhorn: its CSI provisioner 6.3.0 needs 1.34; the chart itself says >=1.25.
  { chart: "longhorn", series: "1.11.3", needs: "1.34" },
  // CHANGELOG-1.11.*.md and CHANGELOG-1.12.*.md of longhorn/longhorn.
  { chart: "longhorn", series: "1.11", needs: "1.25" },
  { chart: "longhorn", series: "1.12", needs: "1.25" },
  // `kubeVersion` of the chart.
  { chart: "nfs-subdir-external-provisioner", series: "4.0", needs: "1.9" },
];

/** What is known of a chart's version, if anything. */
export function compatibilityOf(chart: ChartName, version: string): Compatibility | undefined {
  const plain = version.replace(/^v/, "");
  return compatibility.find((each) => {
    const series = each.series.replace(/^v/, "");
    return each.chart === chart && (plain === series || plain.startsWith(`${series}.`));
  });
}

/** The SHA-256 sum that is pinned for k3s's binary of this version, if one is. */
export function pinnedSum(version: string, arch: Architecture): string | undefined {
  return Object.hasOwn(k3sSums, version) ? k3sSums[version]?.[arch] : undefined;
}

/** The k3s version that a node is given: its own, or that of all. */
export function k3sVersionOf(
  { k3s }: { readonly k3s: { readonly version: string } },
  node: { readonly k3sVersion?: string | undefined },
): string {
  return node.k3sVersion ?? k3s.version;
}

/** What `sumOf` reads of `groundwork:k3s`. */
interface K3sSource {
  readonly version: string;
  readonly mirror: string;
  readonly sha256: Readonly<Partial<Record<Architecture, string>>>;
}

/**
 * The SHA-256 sum that a node's k3s binary must have; undefined where the mirror's own checksum file decides. A sum in
 * `k3s.sha256` is one of `k3s.version` and of no other; a pinned one counts where the binary comes over a network (a
 * directory on the hosts may hold a k3s that somebody built).
 */
export function sumOf(k3s: K3sSource, version: string, arch: Architecture): string | undefined {
  const own = version === k3s.version ? k3s.sha256[arch] : undefined;
  return own ?? (k3s.mirror.startsWith("file://") ? undefined : pinnedSum(version, arch));
}

/**
 * The first patch releases whose servers say on their Node whether etcd counts them as voters (EtcdIsVoter; k3s-io/k3s#8724
 * and its backports #8818 to #8820); without it nobody can tell when the next server may be touched.
 */
const VOTER_CONDITION = ["1.25.16", "1.26.11", "1.27.8", "1.28.4"];

/** The lowest release that a k3s version is to be raised to; undefined when it is new enough. */
export function lowestK3sFor(k3sVersion: string): string | undefined {
  const version = parseVersion(k3sVersion);
  const [lowest = ""] = VOTER_CONDITION;
  if (version === undefined) return undefined;
  const sameMinor = VOTER_CONDITION.find((each) => parseVersion(each)?.minor === version.minor);
  const needed = parseVersion(sameMinor ?? lowest);
  return needed !== undefined && compareKubernetes(version, needed) < 0 ? `v${sameMinor ?? lowest}` : undefined;
}

/**
 * The first patch releases in which flannel keeps its VXLAN device when the interface below it is re-created
 * (k3s-io/k3s#12436, #14142); older ones lose the pod network when a VPN restarts.
 */
const FLANNEL_FIX = ["1.33.13", "1.34.9", "1.35.6", "1.36.2"];

/** The release that a k3s version should be raised to for the flannel fix; undefined when it has the fix. */
export function flannelFixFor(k3sVersion: string): string | undefined {
  const version = parseVersion(k3sVersion);
  if (version === undefined) return undefined;
  const sameMinor = FLANNEL_FIX.find((fix) => parseVersion(fix)?.minor === version.minor);
  const fixed = parseVersion(sameMinor ?? "");
  if (fixed !== undefined) return compareKubernetes(version, fixed) < 0 ? `v${sameMinor}+k3s1` : undefined;
  return version.minor < 33 ? `v${FLANNEL_FIX[0]}+k3s1` : undefined;
}
