/** A Kubernetes version as numbers: `v1.36.4+k3s1` is 1, 36, 4. */
export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `v1.36.4+k3s1`, `1.36.4` or `1.36`; undefined for anything else. */
export function kubernetesVersion(text: string): KubernetesVersion | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** Negative when `a` is older, positive when it is newer; the patch release counts. */
export function compareVersions(a: KubernetesVersion, b: KubernetesVersion): number {
  const differences = [a.major - b.major, a.minor - b.minor, a.patch - b.patch];
  return differences.find((difference) => difference !== 0) ?? 0;
}
