import { mostUnavailable } from "../../desired/host/impact";
import { minorSteps } from "../../config/versions/version";
import type { Plan, PlanNode } from "../model";
import { givenTo, impactOn } from "./impactOn";

/**
 * On which nodes k3s restarts, in the order of the roll-out, a line for what may go at the same time; empty where it restarts on one at most.
 * What changes no fingerprint (a label, a resolver) restarts nothing.
 */
export function restartLines(before: Plan | undefined, after: Plan): string[] {
  const old = new Map(before?.nodes.map((node) => [node.name, node]));
  const restarting = after.nodes.filter((node) => {
    const was = old.get(node.name);
    return was !== undefined && impactOn(was, node).restarts;
  });
  const notes = newMinor(restarting, old);
  // One node has no order, and its own note says that it restarts.
  if (restarting.length + notes.length < 2) return [];
  const names = new Set(restarting.map(({ name }) => name));
  const waves = after.rollout
    .map(({ units }) => units.filter(({ name, kind }) => (kind === "server" || kind === "agent") && names.has(name)))
    .filter((units) => units.length > 0);
  return [
    ...waves.map((units, index) => {
      const nodes = restarting.filter(({ name }) => units.some((unit) => unit.name === name));
      return `${index + 1}. ${nodes.map(({ name }) => name).join(", ")}${howDrained(nodes, old)}`;
    }),
    ...notes,
  ];
}

function howDrained(nodes: readonly PlanNode[], old: ReadonlyMap<string, PlanNode>): string {
  const drained = nodes.filter((node) => {
    const was = old.get(node.name);
    return was !== undefined && impactOn(was, node).drained === "yes";
  });
  const [first] = drained;
  if (first === undefined) return ", without a drain";
  if (drained.length < nodes.length) return `, ${drained.map(({ name }) => name).join(", ")} after a drain`;
  const most = mostUnavailable(givenTo(first));
  return nodes.length > most ? `, after a drain, ${most} at a time` : ", after a drain";
}

/** https://github.com/kubernetes/kubernetes/issues/129659 */
export function newMinor(restarting: readonly PlanNode[], old: ReadonlyMap<string, PlanNode>): string[] {
  const names = restarting
    .filter((node) => minorSteps(old.get(node.name)?.version ?? "", node.version) > 0)
    .map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        `A kubelet of a new minor version can restart every container that is still on its node, those of DaemonSets too (kubernetes#129659): ${names.join(", ")}`,
      ];
}
