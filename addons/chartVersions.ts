import { error, warning, type Check } from "../config/checks/check";
import { oldestServer } from "../config/checks/versions";
import { parseVersion } from "../config/versions/version";
import type { Addon } from "./addon";
import type { ChartOverrides } from "./chartSource";
import { valueAt } from "./chartValues";
import { compatibilityOf } from "./pinnedChart";

/**
 * An add-on's chart runs on this Kubernetes. Nothing is claimed of a chart that somebody else made, or of a version that
 * its project says nothing of.
 */
export function chartVersion({ path, chart: pinned, isInstalled }: Addon, all: readonly Addon[]): Check {
  return (settings) => {
    if (pinned === undefined || !isInstalled(settings, all)) return [];
    const name = pinned.chart;
    const own = valueAt(settings, path.split(".")) as ChartOverrides;
    const isOther = own.chart !== undefined && own.chart !== name;
    const version = own.version ?? pinned.version;
    const known = isOther ? undefined : compatibilityOf(pinned, version);
    const server = oldestServer(settings);
    if (known === undefined || server === undefined) return [];
    const cluster = `${server.major}.${server.minor}`;
    const at = (text: string): number => parseVersion(text)?.minor ?? 0;
    if (server.minor < at(known.needs)) {
      return [
        error(
          `${path}.version`,
          `${name} ${version} needs Kubernetes ${known.needs} or newer, and the cluster has ${cluster}`,
          "write an older version of the chart, or a newer k3s.version",
        ),
      ];
    }
    const [oldest, newest] = known.tested ?? [cluster, cluster];
    if (server.minor >= at(oldest) && server.minor <= at(newest)) return [];
    const remedy =
      server.minor > at(newest) && own.version === undefined
        ? "it is likely to work; try it on a stack that may break"
        : "write a version that is, or try it on a stack that may break";
    return [
      warning(
        `${path}.version`,
        `${name} ${version} is tested with Kubernetes ${oldest} to ${newest}, and the cluster has ${cluster}`,
        remedy,
      ),
    ];
  };
}
