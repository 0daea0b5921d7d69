import { compare, minor, rcompare, valid } from "semver";
import { compatibilityOf, type PinnedChart } from "../../addons/pinnedChart";
import { compareVersions, minorSteps, parseVersion, type Version } from "../../config/versions/version";

/** One thing that a stack has in a version, and what there is of it. */
export interface Freshness {
  /** `k3s`, or the release's name. */
  readonly name: string;
  /** The setting that says its version: `storage.longhorn.version`. */
  readonly setting: string;
  readonly installed: string;
  /** The newest that can be gone to in one step; undefined where it is the newest. */
  readonly next: string | undefined;
  /** The newest that there is; undefined where it could not be asked. */
  readonly newest: string | undefined;
  /** What is known of `next`, or why it was not asked. */
  readonly notes: readonly string[];
  /** The list of its versions could not be read. */
  readonly failed: boolean;
}

export type Judged = Omit<Freshness, "name" | "setting">;

/** What k3s's channels say of a version that nodes have. Kubernetes goes up one minor version at a time. */
export function judgeK3s(installed: string, channels: ReadonlyMap<string, string>): Judged {
  const releases = [...new Set(channels.values())]
    .flatMap((text) => {
      const version = parseVersion(text);
      return version === undefined || version.candidate !== undefined ? [] : [{ text, version }];
    })
    .sort((a, b) => compareVersions(b.version, a.version));
  const own = parseVersion(installed);
  const stable = channels.get("stable");
  const newer = releases.filter(({ version }) => own !== undefined && compareVersions(version, own) > 0);
  const within = (steps: number): { text: string; version: Version } | undefined =>
    newer.find(({ text }) => minorSteps(installed, text) === steps);
  const [patch, nextMinor] = [within(0), within(1)];
  const known = releases.some(({ text }) => minorSteps(installed, text) === 0);
  return {
    installed,
    failed: false,
    newest: releases[0]?.text,
    next: (patch ?? nextMinor)?.text,
    notes: [
      ...(known ? [] : [`no release of its minor version is listed any more`]),
      ...(patch !== undefined && nextMinor !== undefined ? [`then ${nextMinor.text}, the next minor version`] : []),
      ...(stable === undefined ? [] : [`k3s calls ${stable} stable`]),
    ],
  };
}

/**
 * What a repository's list says of a chart's version. Release candidates are not spoken of.
 *
 * @param pinned The add-on's chart, where it is one: what is known of the Kubernetes it needs.
 * @param kubernetes The cluster's version; undefined where the stack does not know it.
 */
export function judgeChart(
  installed: string,
  listed: readonly string[],
  pinned: PinnedChart | undefined,
  kubernetes: string | undefined,
): Judged {
  const versions = listed.filter((text) => valid(text) !== null && !text.includes("-")).sort(rcompare);
  const newer = versions.filter((text) => valid(installed) === null || compare(text, installed) > 0);
  const [newest] = newer;
  const stepwise = pinned?.stepwise === true && valid(installed) !== null;
  const next = stepwise ? newer.find((text) => isOneStep(installed, text)) : newest;
  return {
    installed,
    failed: false,
    newest: versions[0],
    next,
    notes: [
      ...(listed.includes(installed) ? [] : ["its own version is not listed"]),
      ...(next === newest ? [] : [`then on to ${newest ?? ""}: one minor version at a time`]),
      ...(next === undefined || pinned === undefined ? [] : compatibilityNotes(pinned, next, kubernetes)),
    ],
  };
}

function isOneStep(from: string, to: string): boolean {
  return (
    Number.parseInt(to.replace(/^v/, "")) === Number.parseInt(from.replace(/^v/, "")) && minor(to) - minor(from) <= 1
  );
}

function compatibilityNotes(pinned: PinnedChart, version: string, kubernetes: string | undefined): string[] {
  const known = compatibilityOf(pinned, version);
  if (known === undefined) return ["this Groundwork knows nothing of the Kubernetes that it needs"];
  const has = kubernetes === undefined ? undefined : parseVersion(kubernetes);
  const at = (text: string): number => parseVersion(text)?.minor ?? 0;
  const cluster = has === undefined ? "" : `, and the cluster has ${has.major}.${has.minor}`;
  if (has !== undefined && has.minor < at(known.needs)) return [`needs Kubernetes ${known.needs}${cluster}`];
  if (known.tested === undefined) return [`needs Kubernetes ${known.needs}`];
  const [oldest, newest] = known.tested;
  const outside = has !== undefined && (has.minor < at(oldest) || has.minor > at(newest));
  return [`is tested with Kubernetes ${oldest} to ${newest}${outside ? cluster : ""}`];
}
