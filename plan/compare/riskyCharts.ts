import { minor, major, compare, valid } from "semver";
import { addons } from "../../addons/all";
import { DISKS_ANNOTATION, TAGS_ANNOTATION } from "../../addons/longhorn/nodeMarks";
import type { PinnedChart } from "../../addons/pinnedChart";
import type { RiskyChange } from "./difference";
import type { Plan, PlanNode, PlanRelease } from "../model";

/** What happens with charts that a careful person would ask about. */
export function riskyCharts(before: Plan, after: Plan): RiskyChange[] {
  return [...uninstalled(before, after), ...steps(before, after), ...disks(before, after)];
}

/** Longhorn reads the annotations of a node that has no disks or no tags in Longhorn yet (kubernetes_node_controller.go). */
function disks(before: Plan, after: Plan): RiskyChange[] {
  const isThere = [before, after].every(({ releases }) => releases.some(({ name }) => name === "longhorn"));
  if (!isThere) return [];
  const marks = (node: PlanNode): string =>
    JSON.stringify([DISKS_ANNOTATION, TAGS_ANNOTATION].map((key) => node.annotations?.[key]));
  const changed = after.nodes.filter((node) => {
    const was = before.nodes.find(({ name }) => name === node.name);
    return was !== undefined && marks(was) !== marks(node);
  });
  if (changed.length === 0) return [];
  return [
    {
      what: `${changed.map(({ name }) => name).join(", ")}: disks or tags of Longhorn change`,
      happens: "Longhorn reads them of a node that has none yet, and keeps what it has on every other",
      remedy: "make the same change in Longhorn's page or in its object Node, after this 'up'",
    },
  ];
}

/** Add-ons that say what is lost with them. */
function uninstalled(before: Plan, after: Plan): RiskyChange[] {
  const now = new Set(after.releases.map((release) => release.name));
  return before.releases
    .filter(({ name }) => !now.has(name))
    .flatMap(({ name }) => {
      const removal = addons.find(({ chart }) => chart?.chart === name)?.removal;
      return removal === undefined ? [] : [{ what: `${name} is uninstalled`, ...removal }];
    });
}

/** Charts whose projects have them upgraded one minor version at a time, and never back. */
function steps(before: Plan, after: Plan): RiskyChange[] {
  return after.releases.flatMap((release) => {
    const was = before.releases.find(({ name }) => name === release.name);
    const pinned = addons.find(({ chart }) => chart?.chart === release.name)?.chart;
    // Nothing is claimed of a chart on disk, or of somebody else's.
    if (pinned?.stepwise !== true || was === undefined) return [];
    if ([was, release].some(({ chart, version }) => chart !== pinned.chart || valid(version) === null)) return [];
    return stepOf(pinned, was, release);
  });
}

function stepOf({ chart }: PinnedChart, { version: from }: PlanRelease, { version: to }: PlanRelease): RiskyChange[] {
  const change = `${chart} ${from} to ${to}`;
  if (compare(to, from) < 0) {
    return [
      {
        what: `${change} is a downgrade`,
        happens: `${chart} refuses data that a newer version wrote`,
        remedy: "take the change back, or restore a backup in a new cluster",
      },
    ];
  }
  if (major(to) === major(from) && minor(to) - minor(from) <= 1) return [];
  return [
    {
      what: `${change} skips a minor version`,
      happens: `${chart} refuses to start, for it is upgraded one minor version at a time`,
      remedy: `go to the newest ${major(from)}.${minor(from) + 1} first, then on ('groundwork outdated' names it)`,
    },
  ];
}
