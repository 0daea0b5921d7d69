import type { Registration } from "./registration";
import type { RolloutUnit, Wave } from "../model";
import { NODE_TYPE } from "./nodes";
import { byText, firstOf } from "../order";

/** Nothing happens for these on a machine or in the cluster. */
const SILENT = /^(random:|pulumi:providers:)/;
const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";

/**
 * The order that the registered dependencies come to. A unit is what a person sees as one thing: a node with its steps,
 * a component that holds no other component, or a resource that stands alone; its wave is the longest way to it.
 */
export function rolloutOf(
  registrations: readonly Registration[],
  roles: ReadonlyMap<string, "server" | "agent" | "lost">,
): Wave[] {
  const byUrn = new Map(registrations.map((each) => [each.urn, each]));
  const unitOf = unitsOf(registrations, byUrn);
  const waits = new Map<string, Set<string>>();
  for (const each of registrations) {
    if (!each.custom) continue;
    const unit = unitOf(each.urn);
    const before = waits.get(unit) ?? new Set<string>();
    waits.set(unit, before);
    for (const dependency of each.dependsOn) if (byUrn.has(dependency)) before.add(unitOf(dependency));
  }

  const waves: RolloutUnit[][] = [];
  const levels = new Map<string, number>();
  const levelOf = (unit: string): number => {
    const known = levels.get(unit);
    if (known !== undefined) return known;
    // Two units may wait for parts of each other; the first one met counts as the earlier.
    levels.set(unit, 0);
    const before = [...(waits.get(unit) ?? [])].filter((other) => other !== unit).map(levelOf);
    const level = Math.max(0, ...before) + (isSilent(byUrn.get(unit)) ? 0 : 1);
    levels.set(unit, level);
    return level;
  };
  for (const unit of waits.keys()) {
    const level = levelOf(unit);
    const registered = byUrn.get(unit);
    if (registered === undefined || isSilent(registered)) continue;
    (waves[level - 1] ??= []).push({ name: registered.name, kind: kindOf(registered, roles) });
  }
  return waves.map((units, index) => ({ order: index + 1, units: units.sort(byKindAndName(roles)) }));
}

function unitsOf(
  registrations: readonly Registration[],
  byUrn: ReadonlyMap<string, Registration>,
): (urn: string) => string {
  const holders = new Set(registrations.filter((each) => !each.custom).map((each) => each.parent));
  return (urn) => {
    const parent = byUrn.get(byUrn.get(urn)?.parent ?? "");
    if (parent === undefined || parent.custom || holders.has(parent.urn)) return urn;
    return parent.urn;
  };
}

function isSilent(registered: Registration | undefined): boolean {
  return registered !== undefined && SILENT.test(registered.type);
}

function kindOf(
  { type, name }: Registration,
  roles: ReadonlyMap<string, "server" | "agent" | "lost">,
): RolloutUnit["kind"] {
  if (type === NODE_TYPE) return roles.get(name) ?? "agent";
  return type === RELEASE_TYPE ? "release" : "resource";
}

/** Nodes in the stack's order, then the others by name. */
function byKindAndName(roles: ReadonlyMap<string, unknown>): (a: RolloutUnit, b: RolloutUnit) => number {
  const place = new Map([...roles.keys()].map((name, index) => [name, index]));
  const rank = (unit: RolloutUnit): number =>
    unit.kind === "server" || unit.kind === "agent" || unit.kind === "lost"
      ? (place.get(unit.name) ?? 0)
      : Number.MAX_SAFE_INTEGER;
  return (a, b) => firstOf(rank(a) - rank(b), byText(a.name, b.name));
}
