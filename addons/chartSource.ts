import { isChartPath, isOci } from "../config/chartPath";
import type { ChartSource } from "./resources";

/** Where a chart comes from unless the settings say otherwise. */
export interface ChartDefaults {
  /** Helm repository, https://… */
  readonly repo: string;
  /** Name of the chart in it. */
  readonly chart: string;
  /** Pinned version. */
  readonly version: string;
}

/** The settings that replace a chart's source, each on its own. */
export interface ChartOverrides {
  readonly repo?: string | undefined;
  readonly chart?: string | undefined;
  readonly version?: string | undefined;
}

/**
 * Decides where a chart is taken from:
 * - a path (`./charts/longhorn`, `/srv/charts/longhorn-1.11.3.tgz`): no repository and no version, for Helm would look
 *   the path up in the repository, and a chart on disk has the version that it has;
 * - OCI (`oci://…` as chart, or as repo with the chart's name after it): no repository options, which are for index.yaml;
 * - otherwise a chart of a Helm repository at a pinned version.
 */
export function chartSource(defaults: ChartDefaults, overrides: ChartOverrides): ChartSource {
  const chart = overrides.chart ?? defaults.chart;
  const repo = overrides.repo ?? defaults.repo;
  const version = overrides.version ?? defaults.version;
  if (isChartPath(chart)) return { chart };
  if (isOci(chart)) return { chart, version };
  if (isOci(repo)) return { chart: `${repo.replace(/\/+$/, "")}/${chart}`, version };
  return { chart, version, repositoryOpts: { repo } };
}
