import type { Plan, PlanResource } from "../model";
import type { PlanValue } from "../values";
import type { Change } from "./difference";
import type { HostFate } from "./hostVerdicts";
import { newMinor } from "./restarts";

/** Names in one sentence; the rest is counted. */
const MOST_NAMES = 10;

/** What goes with an object that is deleted. */
const TAKES: readonly (readonly [type: RegExp, takes: string])[] = [
  [/:Namespace$/, "with everything in it, volumes claimed there included"],
  [/:PersistentVolumeClaim$/, "and its data with it where the volume's reclaim policy is Delete"],
  [/:PersistentVolume$/, "and what it points at is not reached by it any more"],
  [/:CustomResourceDefinition$/, "with every object of its kind"],
  [/:StorageClass$/, "claims that name it are not served any more"],
  [/helm\.sh\/v3:Release$/, "uninstalled, with what its chart made"],
  [/:ClusterIssuer$/, "certificates that name it are not renewed any more"],
];

/** What hurts when nobody thought of it, a sentence each. */
export function bitesOf(
  before: Plan | undefined,
  after: Plan,
  changes: readonly Change[],
  fates: readonly HostFate[],
): string[] {
  if (before === undefined) return [];
  return [
    ...deletions(changes),
    ...replacements(before, after, changes),
    ...minors(before, fates),
    ...singles(after, fates),
  ];
}

function deletions(changes: readonly Change[]): string[] {
  const gone = changes.filter(({ action, kind }) => action === "removed" && kind !== "output" && kind !== "roll-out");
  const groups = new Map<string, string[]>();
  for (const { kind, type, name, notes } of gone) {
    const takes = kind === "node" ? "with k3s and all data on it" : TAKES.find(([pattern]) => pattern.test(type))?.[1];
    const isRefused = notes.some((note) => note.startsWith("it is protected"));
    const what = kind === "resource" ? type.slice(type.lastIndexOf(":") + 1) : kind;
    const how = `${takes === undefined ? "" : `, ${takes}`}${isRefused ? "; it is protected, so 'pulumi up' refuses" : ""}`;
    const key = `${what}\0${how}`;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([key, names]) => {
    const [what = "", how = ""] = key.split("\0");
    return `deleted: ${what} ${listed(names)}${how}`;
  });
}

/** What the API knows an object by: another one is another object. Releases are known so by Helm. */
function replacements(before: Plan, after: Plan, changes: readonly Change[]): string[] {
  const find = ({ resources }: Plan, { type, name }: Change): PlanResource | undefined =>
    resources.find((each) => each.type === type && each.name === name);
  return changes
    .filter(({ action, type }) => action === "changed" && type.startsWith("kubernetes:"))
    .flatMap((change) => {
      const [was, is] = [find(before, change), find(after, change)];
      if (was === undefined || is === undefined || identity(was) === identity(is)) return [];
      return [
        `replaced: ${change.name}, known as ${identity(was)} before and as ${identity(is)} after: the old one is deleted`,
      ];
    });
}

function identity({ type, inputs }: PlanResource): string {
  const isRelease = type.endsWith(":Release");
  const metadata = isRelease ? inputs : ((inputs["metadata"] ?? {}) as Readonly<Record<string, PlanValue>>);
  return [metadata["namespace"], metadata["name"]].filter((part) => typeof part === "string").join("/");
}

function minors(before: Plan, fates: readonly HostFate[]): string[] {
  const restarting = fates.flatMap(({ impact, after }) =>
    impact?.restarts === true && after !== undefined ? [after] : [],
  );
  return newMinor(restarting, new Map(before.nodes.map((node) => [node.name, node])));
}

/** A release whose pods are one of a kind is away while that one moves. */
function singles({ releases }: Plan, fates: readonly HostFate[]): string[] {
  if (!fates.some(({ drained }) => drained)) return [];
  const found = releases.flatMap(({ name, values }) => singlesIn(values, []).map((path) => `${name} (${path}: 1)`));
  return found.length === 0 ? [] : [`away while its node is drained, because it has one replica: ${listed(found)}`];
}

function singlesIn(value: PlanValue, path: readonly string[]): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const fields = value as Readonly<Record<string, PlanValue>>;
  if (fields["kind"] === "DaemonSet" || fields["enabled"] === false) return [];
  return Object.entries(fields).flatMap(([key, inner]) =>
    /^replica(s|Count)$/.test(key) && inner === 1 ? [[...path, key].join(".")] : singlesIn(inner, [...path, key]),
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more <= 0 ? names.join(", ") : `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more`;
}
