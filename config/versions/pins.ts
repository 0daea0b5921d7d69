import { k3sSums, type Architecture } from "./k3sSums";
import { compareKubernetes, parseVersion } from "./version";

/** The version that is installed where a stack says no other; those of the add-ons stand in their folders. Changed here and nowhere else. */
export const versions = {
  /** https://update.k3s.io/v1-release/channels/stable */
  k3s: "v1.36.4+k3s1",
} as const;

/** Where k3s is released. */
export const RELEASES = "https://github.com/k3s-io/k3s/releases/download";

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
