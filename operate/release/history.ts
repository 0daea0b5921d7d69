import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";
import type { Kubectl } from "../kubectl";
import { newestReleases, unpacked } from "../releases";

/** A revision of a release, as `helm history` shows it. */
export interface Revision {
  readonly revision: number;
  /** When Helm began with it, in UTC. */
  readonly updated: string;
  /** Helm's words: `deployed`, `superseded`, `failed`, `pending-upgrade`… */
  readonly status: string;
  /** `longhorn-1.11.3` */
  readonly chart: string;
  readonly appVersion: string;
  /** Helm's words on it: `Upgrade complete`, or why it failed. */
  readonly description: string;
}

export interface ReleaseHistory {
  readonly name: string;
  readonly namespace: string;
  /** Oldest first; Helm keeps the last ten. */
  readonly revisions: readonly Revision[];
}

export interface ReleaseName {
  readonly name: string;
  /** Needed where several namespaces have a release of this name. */
  readonly namespace: string | undefined;
}

/**
 * What Helm knows of a release, from its own Secrets. Changes nothing, and keeps neither values nor manifests.
 *
 * @throws GroundworkError where there is no such release, or several.
 */
export async function historyOf(kubectl: Kubectl, wanted: ReleaseName): Promise<ReleaseHistory> {
  const { name, namespace } = chosen(await newestReleases(kubectl), wanted);
  const selector = `owner=helm,name=${name}`;
  const lines = await kubectl.text(["get", "secrets", "-n", namespace, "-l", selector, "-o", `jsonpath=${DATA}`]);
  return { name, namespace, revisions: revisionsIn(lines) };
}

const DATA = '{range .items[*]}{.metadata.name} {.data.release}{"\\n"}{end}';

/** The one release that was meant. @throws GroundworkError where there is none, or where several have the name. */
export function chosen(
  releases: readonly { readonly name: string; readonly namespace: string }[],
  { name, namespace }: ReleaseName,
): { readonly name: string; readonly namespace: string } {
  const found = releases.filter(
    (each) => each.name === name && (namespace === undefined || each.namespace === namespace),
  );
  const [only, ...others] = found;
  if (only === undefined) {
    const all = releases.map((each) => `${each.namespace}/${each.name}`).sort();
    const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
    throw new GroundworkError("usage", `there is no release '${name}'${where}`, {
      remedy: all.length === 0 ? "the cluster has none at all" : `there are: ${all.join(", ")}`,
    });
  }
  if (others.length === 0) return only;
  throw new GroundworkError("usage", `several namespaces have a release '${name}'`, {
    remedy: `name one with -n: ${found.map((each) => each.namespace).join(", ")}`,
  });
}

const stored = z.object({
  version: z.number(),
  info: z.object({ last_deployed: z.string(), status: z.string(), description: z.string().default("") }),
  chart: z.object({
    metadata: z.object({ name: z.string(), version: z.string(), appVersion: z.string().default("") }),
  }),
});

/** Reads the lines that {@link historyOf} asks for. @throws GroundworkError where a Secret is not of Helm's making. */
export function revisionsIn(text: string): Revision[] {
  const revisions = text.split("\n").flatMap((line) => {
    const [secret = "", data = ""] = line.split(" ");
    return secret === "" ? [] : [revisionIn(secret, data)];
  });
  return revisions.sort((a, b) => a.revision - b.revision);
}

function revisionIn(secret: string, data: string): Revision {
  try {
    const { version, info, chart } = stored.parse(unpacked(data));
    const { name, version: chartVersion, appVersion } = chart.metadata;
    return {
      revision: version,
      updated: new Date(info.last_deployed).toISOString(),
      status: info.status,
      chart: `${name}-${chartVersion}`,
      appVersion,
      description: info.description,
    };
  } catch {
    throw new GroundworkError("failed", `the Secret ${secret} is not one that Helm wrote`); // and nothing of what is in it
  }
}

/**
 * The revision to go back to: the one that was asked for, or the last one that worked before the newest.
 *
 * @throws GroundworkError where there is none.
 */
export function target({ name, revisions }: ReleaseHistory, wanted: number | undefined): Revision {
  const newest = revisions.at(-1);
  const earlier = revisions.slice(0, -1);
  const found =
    wanted === undefined
      ? earlier.findLast(({ status }) => ["superseded", "deployed"].includes(status))
      : revisions.find(({ revision }) => revision === wanted);
  const all = revisions.map(({ revision }) => String(revision)).join(", ");
  if (found === undefined) {
    const what = wanted === undefined ? "no earlier revision that worked" : `no revision ${String(wanted)}`;
    throw new GroundworkError("usage", `release ${name} has ${what}`, { remedy: `there are: ${all}` });
  }
  if (found === newest && found.status === "deployed") {
    throw new GroundworkError("usage", `revision ${String(found.revision)} of ${name} is the one that runs`, {
      remedy: `there are: ${all}`,
    });
  }
  return found;
}
