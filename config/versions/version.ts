/**
 * A version of Kubernetes or of k3s as numbers. The `semver` package is no help: it compares a release candidate's and
 * k3s's own number as texts (`rc10` before `rc2`, `k3s10` before `k3s2`), and refuses `1.36`.
 */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** 2 in `v1.36.4-rc2+k3s1`; undefined for a release. */
  readonly candidate: number | undefined;
  /** 1 in `v1.36.4+k3s1`; undefined for a version of Kubernetes. */
  readonly k3s: number | undefined;
}

/** Reads `v1.36.4+k3s1`, `v1.36.4-rc2+k3s1`, `1.36.4` or `1.36`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:-rc(\d+))?(?:\+k3s(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch = "0", candidate, k3s] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    candidate: candidate === undefined ? undefined : Number(candidate),
    k3s: k3s === undefined ? undefined : Number(k3s),
  };
}

/** Below 0 when `a` is an older Kubernetes than `b`, above 0 when a newer one; the patch release counts. */
export function compareKubernetes(a: Version, b: Version): number {
  return firstDifference([a.major, a.minor, a.patch], [b.major, b.minor, b.patch]);
}

/** The same, with k3s's own number; a release candidate is older than its release. */
export function compareVersions(a: Version, b: Version): number {
  const numbers = ({ major, minor, patch, candidate, k3s }: Version): number[] => {
    return [major, minor, patch, candidate ?? Number.MAX_SAFE_INTEGER, k3s ?? 0];
  };
  return firstDifference(numbers(a), numbers(b));
}

/** Whether one version is older than another; nothing is older than what is no version. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(than)];
  return a !== undefined && b !== undefined && compareVersions(a, b) < 0;
}

/** Minor releases between two versions of the same major one: 2 from v1.34 to v1.36. */
export function minorSteps(from: string, to: string): number {
  const [a, b] = [parseVersion(from), parseVersion(to)];
  return a === undefined || b?.major !== a.major ? 0 : b.minor - a.minor;
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  return a.map((number, index) => number - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
