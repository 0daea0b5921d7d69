import { resourcesOf, type DesiredGroup, type DesiredRelease } from "../../addons/resources";
import type { Kubectl } from "../kubectl";
import { chartOf, newestReleases, type ReleaseChart, type ReleaseRevision } from "../releases";
import type { Drift } from "./finding";

/** A release of the cluster with its chart. */
export interface KnownRelease extends ReleaseRevision {
  readonly chart: ReleaseChart;
}

/** The releases that a stack installs. */
export function releasesOf(groups: readonly DesiredGroup[]): DesiredRelease[] {
  return resourcesOf(groups).filter((resource) => resource.is === "release");
}

/**
 * Asks for those releases of the cluster that the stack installs.
 *
 * @throws GroundworkError where the API does not answer.
 */
export async function knownReleases(kubectl: Kubectl, wanted: readonly DesiredRelease[]): Promise<KnownRelease[]> {
  const newest = await newestReleases(kubectl);
  const ours = newest.filter(({ name, namespace }) =>
    wanted.some((release) => release.name === name && release.namespace === namespace),
  );
  return await Promise.all(ours.map(async (release) => ({ ...release, chart: await chartOf(kubectl, release) })));
}

/** All that the cluster's releases have otherwise than the stack file says. Pure. */
export function compareReleases(wanted: readonly DesiredRelease[], known: readonly KnownRelease[]): Drift[] {
  return wanted.flatMap((release) => {
    const found = known.find(({ name, namespace }) => name === release.name && namespace === release.namespace);
    return compareRelease(release, found);
  });
}

const REFRESH = "pulumi up --refresh, which reads the releases of the cluster before it compares";

function compareRelease({ name, namespace, chart }: DesiredRelease, found: KnownRelease | undefined): Drift[] {
  const drift = (message: string, remedy: string): Drift => {
    return { check: "release", where: name, level: "error", message, remedy, mendedBy: "hand" };
  };
  if (found === undefined) return [drift(`there is no release ${name} in ${namespace}`, REFRESH)];
  const { status, revision } = found;
  return [
    ...(status === "deployed"
      ? []
      : [
          drift(
            `revision ${String(revision)} is ${status}`,
            `helm -n ${namespace} history ${name}; then up, or helm rollback ${name}`,
          ),
        ]),
    ...(chart.version === undefined || chart.version === found.chart.version
      ? []
      : [drift(`chart ${found.chart.version} is installed, expected ${chart.version}`, REFRESH)]),
  ];
}
