import { PLAN_FORMAT, type Plan, type PlanNode } from "../model";
import { firstOf } from "../order";
import { resourcesOf } from "../run/build";
import { namespacesOf, releasesOf } from "../run/kubernetes";
import type { Registration } from "../run/registration";
import { rolloutOf } from "../run/rollout";
import { liveNodes, type LiveNodes } from "./liveNodes";
import type { Preview } from "./preview";
import { bodyDigest } from "./scriptText";
import { sidesOf, type Sides } from "./sides";

/** The plans of a stack as it is and as it is to be, and as it was recorded. */
export interface LivePlans {
  /** What the last `up` recorded, and what was found in its place; undefined where nothing was looked at. */
  readonly drift: { readonly recorded: Plan; readonly found: Plan } | undefined;
  readonly live: Plan;
  readonly head: Plan;
  readonly sides: Sides;
  /** Commands whose script cannot be read: what becomes of their machines' k3s is not known. */
  readonly unread: readonly string[];
}

/** The inverse of what the components make: plans from the resources of an engine's preview. */
export function livePlans(preview: Preview): LivePlans {
  const sides = sidesOf(preview);
  const none: ReadonlyMap<string, readonly string[]> = new Map();
  const [before, after] = alike(liveNodes(sides.live, sides.changed), liveNodes(sides.head, sides.changed));
  const plan = (registrations: readonly Registration[], nodes: readonly PlanNode[]): Plan =>
    planOf(preview, sides, registrations, nodes);
  return {
    drift: preview.refreshed
      ? {
          recorded: plan(sides.recorded, liveNodes(sides.recorded, none).nodes),
          found: plan(sides.live, liveNodes(sides.live, none).nodes),
        }
      : undefined,
    live: plan(sides.live, before.nodes),
    head: plan(sides.head, after.nodes),
    sides,
    unread: [...new Set([...before.unread, ...after.unread])].sort(),
  };
}

/** Where one side has only the digest of a script's body, the other one is compared by its own. */
function alike(before: LiveNodes, after: LiveNodes): [LiveNodes, LiveNodes] {
  const bodies = new Map(
    [...before.nodes, ...after.nodes].flatMap(({ steps }) =>
      steps.filter(({ body }) => body === bodyDigest(body)).map(({ name }) => [name, true] as const),
    ),
  );
  const digested = ({ nodes, unread }: LiveNodes): LiveNodes => ({
    unread,
    nodes: nodes.map((node) => ({
      ...node,
      steps: node.steps.map((step) =>
        bodies.has(step.name) && step.body !== "" ? { ...step, body: bodyDigest(step.body) } : step,
      ),
    })),
  });
  return [digested(before), digested(after)];
}

function planOf(
  { project, stack }: Preview,
  { outputs }: Sides,
  registrations: readonly Registration[],
  unordered: readonly PlanNode[],
): Plan {
  const nodes = inOrder(registrations, unordered);
  return {
    format: PLAN_FORMAT,
    project,
    stack,
    summary: [],
    warnings: [],
    nodes,
    rollout: rolloutOf(registrations, rolesOf(nodes)),
    releases: releasesOf(registrations),
    issuers: [],
    certificates: [],
    namespaces: namespacesOf(registrations, []),
    resources: resourcesOf({ registrations, outputs }),
    outputs,
  };
}

/** Servers in the order in which they join, then agents, then those that are lost: by the roll-out, which has the order. */
function inOrder(registrations: readonly Registration[], nodes: readonly PlanNode[]): PlanNode[] {
  const waves = rolloutOf(registrations, rolesOf(nodes));
  const waveOf = ({ name }: PlanNode): number =>
    waves.findIndex(({ units }) => units.some((unit) => unit.name === name));
  const rank = ({ role, lost }: PlanNode): number => (lost === true ? 2 : role === "server" ? 0 : 1);
  return [...nodes].sort((a, b) => firstOf(rank(a) - rank(b), waveOf(a) - waveOf(b), a.name < b.name ? -1 : 1));
}

function rolesOf(nodes: readonly PlanNode[]): ReadonlyMap<string, "server" | "agent" | "lost"> {
  return new Map(nodes.map((node) => [node.name, node.lost === true ? "lost" : node.role]));
}
