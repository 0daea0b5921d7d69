import { chartDescription } from "../addons/chartDigest";
import { chartSource } from "../addons/chartSource";
import { mergeValues } from "../addons/mergeValues";
import type { DesiredGroup, DesiredRelease, DesiredResource, Value } from "../addons/resources";
import { namespaceOf, valuePath, type ReleaseSettings } from "../config/releases";
import type { Settings } from "../config/settings";

/**
 * The stack's own charts; undefined where it names none. Each resource has the release's own name.
 *
 * @param before What is there before them: namespaces, add-ons, issuers and certificates.
 */
export function releasesGroup({ releases }: Settings, before: readonly DesiredResource[]): DesiredGroup | undefined {
  const made = new Map<string, DesiredRelease>();
  // An unknown name and a circle have been refused (config/checks/releases.ts).
  const make = (name: string): DesiredRelease[] => {
    const settings = releases[name];
    if (settings === undefined) return [];
    const release = made.get(name) ?? releaseOf(name, settings, [...before, ...settings.after.flatMap(make)]);
    made.set(name, release);
    return [release];
  };
  Object.keys(releases).forEach(make);
  if (made.size === 0) return undefined;
  return {
    type: "groundwork:releases:Releases",
    name: "releases",
    resources: [...made.values()],
    groups: [],
    outputs: { names: [...made.keys()] },
  };
}

function releaseOf(name: string, settings: ReleaseSettings, after: readonly DesiredResource[]): DesiredRelease {
  const { chart, repo = "", version = "", atomic, wait, timeoutSeconds, protect } = settings;
  return {
    is: "release",
    name,
    namespace: namespaceOf(name, settings),
    chart: chartSource({ chart, repo, version }, {}),
    values: Object.entries(settings.secretValues).reduce(
      (values, [path, secret]) => mergeValues(values, nested(valuePath(path) ?? [], secret)),
      settings.values,
    ),
    atomic,
    wait,
    timeoutSeconds,
    description: chartDescription(chart),
    after,
    protect,
  };
}

function nested([key = "", ...rest]: readonly string[], value: Value): Record<string, Value> {
  return { [key]: rest.length === 0 ? value : nested(rest, value) };
}
