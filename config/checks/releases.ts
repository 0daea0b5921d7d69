import { existsSync } from "node:fs";
import { isChartPath, isOci } from "../chartPath";
import { pathText } from "../problem";
import { namespaceOf, valuePath, type ReleaseSettings } from "../releases";
import { isGroup } from "../schema/secretPaths";
import type { Settings } from "../settings";
import { error, listed, type Check, type Finding } from "./check";

/** Namespaces that every cluster has. */
const THERE_ALREADY = ["default", "kube-system", "kube-public"];
/** Helm's own limit: its Secrets are named after the release. */
const LONGEST_NAME = 53;

/** Each by its name. */
function each(look: (name: string, settings: ReleaseSettings, all: Settings) => readonly Finding[]): Check {
  return (all) => Object.entries(all.releases).flatMap(([name, settings]) => look(name, settings, all));
}

/** The name is one that Helm takes. */
export const name = each((name) =>
  name.length <= LONGEST_NAME
    ? []
    : [
        error(
          at(name),
          `is a name of ${String(name.length)} characters`,
          `write one of at most ${String(LONGEST_NAME)}`,
        ),
      ],
);

/** It is clear which chart it is, and which version. */
export const source = each((name, { chart, repo, version }) => {
  if (isChartPath(chart)) {
    return [
      ...(repo === undefined ? [] : [error(at(name, "repo"), "stands beside a chart on disk", "take one of them out")]),
      ...(version === undefined
        ? []
        : [error(at(name, "version"), "stands beside a chart on disk, which has a version of its own", "take it out")]),
      ...(existsSync(chart)
        ? []
        : [error(at(name, "chart"), `there is no ${chart}`, "write the path of a chart's directory or archive")]),
    ];
  }
  return [
    ...(repo === undefined && !isOci(chart)
      ? [error(at(name, "repo"), "is missing", `write where the chart ${chart} is, e.g. https://charts.example.org`)]
      : []),
    ...(repo !== undefined && isOci(chart)
      ? [error(at(name, "repo"), "stands beside a chart that names its registry itself", "take it out")]
      : []),
    ...(version === undefined
      ? [
          error(
            at(name, "version"),
            "is missing: the newest one would be another one each time",
            "write the chart's version, e.g. 1.2.3",
          ),
        ]
      : []),
  ];
});

/** Its namespace is there. */
export const namespace = each((name, settings, { namespaces }) => {
  const wanted = namespaceOf(name, settings);
  if (Object.hasOwn(namespaces, wanted) || THERE_ALREADY.includes(wanted)) return [];
  return [
    error(
      at(name, "namespace"),
      `${wanted} is no namespace of the stack`,
      `write ${pathText(["namespaces", wanted])}: {}, or another namespace`,
    ),
  ];
});

/** What it waits for is there, and does not wait for it. */
export const order = each((name, { after }, { releases }) =>
  after.flatMap((other, index): Finding[] => {
    if (!Object.hasOwn(releases, other)) {
      const there = Object.keys(releases).filter((known) => known !== name);
      return [
        error(
          at(name, "after", index),
          `there is no release ${other}`,
          `write one of ${there.length === 0 ? "the stack's releases" : listed(there)}`,
        ),
      ];
    }
    return reaches(releases, other, name)
      ? [error(at(name, "after", index), `${other} waits for ${name}, too`, "take one of the two out")]
      : [];
  }),
);

/** A secret stands where a value can stand, and nothing else stands there. */
export const secretValues = each((name, { values, secretValues }) => {
  const paths = Object.keys(secretValues);
  return paths.flatMap((path): Finding[] => {
    const keys = valuePath(path);
    if (keys === undefined) {
      return [
        error(
          at(name, "secretValues", path),
          "is no path of a value",
          "write one like auth.password; entries of lists have none",
        ),
      ];
    }
    const beside = paths.some((other) => other !== path && startsWith(valuePath(other) ?? [], keys));
    return isFree(values, keys) && !beside
      ? []
      : [error(at(name, "secretValues", path), "has a value already", "take one of the two out")];
  });
});

export const releaseChecks: readonly Check[] = [name, source, namespace, order, secretValues];

function at(...path: (string | number)[]): string {
  return pathText(["releases", ...path]);
}

function reaches(releases: Settings["releases"], from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (releases[from]?.after ?? []).some((next) => reaches(releases, next, to, seen));
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return path.length >= start.length && start.every((key, index) => path[index] === key);
}

/** Whether all on the way is a map or nothing yet, and nothing is at its end. */
function isFree(values: unknown, [key = "", ...rest]: readonly string[]): boolean {
  if (!isGroup(values)) return false;
  if (!Object.hasOwn(values, key)) return true;
  return rest.length > 0 && isFree(values[key], rest);
}
