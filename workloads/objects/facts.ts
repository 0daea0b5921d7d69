/** What is known of the cluster that a workload goes to. What is undefined is not known, and nothing is concluded from it. */
export interface ClusterFacts {
  /** Name of the IngressClass of the stack's controller; "" where it has none. */
  readonly ingressClass?: string;
  /** The Gateway of the stack's controller, `namespace/name`; "" where it has none. */
  readonly gateway?: string;
  /** Names of the ClusterIssuers. */
  readonly issuers?: readonly string[];
  /** Name of the default StorageClass; "" where there is none. */
  readonly storageClass?: string;
  /** Release of Kubernetes that the oldest node runs: `1.34`. */
  readonly kubernetes?: string;
}

/** Whether the cluster is known to be older than a release: `isOlder(facts, "1.30")`. */
export function isOlder({ kubernetes }: ClusterFacts, release: string): boolean {
  return kubernetes !== undefined && minorOf(kubernetes) < minorOf(release);
}

/** The oldest release among versions of k3s: `v1.34.5+k3s1` is `1.34`; undefined where one cannot be read, or there is none. */
export function oldestRelease(versions: readonly string[]): string | undefined {
  const releases = versions.map((version) => /^v?(\d+\.\d+)\./.exec(version)?.[1]);
  const known = releases.filter((release) => release !== undefined);
  if (known.length === 0 || known.length < releases.length) return undefined;
  return known.reduce((oldest, release) => (minorOf(release) < minorOf(oldest) ? release : oldest));
}

function minorOf(release: string): number {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major * 1000 + minor;
}
