import type { Difference, HostVerdict } from "../../compare/difference";
import type { Plan, RolloutUnit } from "../../model";

/** What happens to something that is shown in the picture or in the timeline. */
export interface Impact {
  /** By which it is coloured; it is always said in words as well. */
  readonly state: "joins" | "leaves" | "restarts" | "changes";
  readonly words: string;
  /** What it comes from: `config.yaml`. */
  readonly from?: string;
}

/** What happens to the machines, by their names. */
export function hostImpacts({ verdict }: Difference): Map<string, Impact> {
  return new Map(verdict.hosts.map((host) => [host.name, impactOf(host)]));
}

function impactOf(host: HostVerdict): Impact {
  const state = stateOf(host);
  // Of one that joins or leaves it only says that.
  return { state, words: wordsOf(host), from: state === "restarts" || state === "changes" ? host.changes : "" };
}

function stateOf({ k3s, changes }: HostVerdict): Impact["state"] {
  if (k3s === "is uninstalled" || k3s === "is not asked") return "leaves";
  if (k3s === "starts") return "joins";
  if (k3s.includes("restarts")) return "restarts";
  return changes === "joins" ? "joins" : "changes";
}

function wordsOf({ k3s, drain }: HostVerdict): string {
  const drained = drain === "yes" ? ", drained first" : drain === "" ? "" : `, not drained`;
  return k3s === "" ? "changes" : `k3s ${k3s}${drained}`;
}

/** The key of a unit of the roll-out. */
export function unitKey({ kind, name }: RolloutUnit): string {
  return `${kind === "release" || kind === "resource" ? "resource" : "node"} ${name}`;
}

/**
 * What happens to the units of the roll-out, by their keys: of a component what happens to the resources in it, found by what the plan
 * knows of parents.
 */
export function unitImpacts(difference: Difference, { resources, rollout }: Plan): Map<string, Impact> {
  const units = new Set(rollout.flatMap((wave) => wave.units.map(unitKey)));
  const parents = new Map(resources.map(({ type, name, parent }) => [`${type} ${name}`, parent]));
  const owners = new Map(resources.map(({ name, parent }) => [name, parent]));
  const unitOf = (type: string, name: string): string | undefined => {
    let at: string | undefined = name;
    let up = parents.get(`${type} ${name}`);
    // No chain of parents is longer than there are resources.
    for (let step = 0; step <= resources.length && at !== undefined && at !== ""; step += 1) {
      if (units.has(`resource ${at}`)) return at;
      at = up;
      up = owners.get(at ?? "");
    }
    return undefined;
  };
  const counts = new Map<string, Map<string, number>>();
  for (const { kind, type, name, action } of difference.changes) {
    const unit = kind === "node" || kind === "roll-out" || kind === "output" ? undefined : unitOf(type, name);
    if (unit === undefined) continue;
    const count = counts.get(unit) ?? new Map<string, number>();
    counts.set(unit, count.set(action, (count.get(action) ?? 0) + 1));
  }
  const found = [...counts].map(([unit, count]): [string, Impact] => [
    `resource ${unit}`,
    { state: "changes", words: [...count].map(([action, number]) => `${number} ${action}`).join(", ") },
  ]);
  const hosts = [...hostImpacts(difference)].map(([name, impact]): [string, Impact] => [`node ${name}`, impact]);
  return new Map([...hosts, ...found]);
}
