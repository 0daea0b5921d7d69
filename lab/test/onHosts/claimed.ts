import { readFileSync } from "node:fs";
import { stackName } from "../../naming";
import { previewWithLabEngine } from "../../apply";
import type { Difference } from "../../../plan/compare/difference";
import { comparePlans } from "../../../plan/compare/compare";
import { liveDifference } from "../../../plan/live/liveDifference";
import { readPreview } from "../../../plan/live/preview";
import { evaluate } from "../../../plan/run/evaluate";
import type { Plan } from "../../../plan/model";
import type { ClusterOnLab, Run } from "./clusterOnLab";

/** What a report says of an `up`, or what was seen of one, in the same terms. */
export interface Doings {
  /** Machines whose k3s starts or restarts: those at the same time in one row, the rows in their order. */
  readonly starts: readonly (readonly string[])[];
  readonly uninstalled: readonly string[];
  readonly drained: readonly string[];
  /** Nodes, releases and other resources that are deleted. */
  readonly deleted: readonly string[];
  /** Releases that are changed. */
  readonly releases: readonly string[];
}

/** The stack's plan as its file is now, as a pull request's job makes it. */
export async function planOf({ name, paths }: ClusterOnLab): Promise<Plan> {
  const text = readFileSync(paths.stackFile, "utf8");
  return await evaluate({
    project: "groundwork",
    stack: stackName(name),
    fileName: `Pulumi.${stackName(name)}.yaml`,
    text,
    directory: paths.root,
  });
}

/** What the comment is made of: of two revisions of the stack's file, and of the engine's preview. */
export async function reportsOf(lab: ClusterOnLab, before: Plan): Promise<Record<"base" | "live", Difference>> {
  const base = comparePlans(before, await planOf(lab), "before");
  const preview = await previewWithLabEngine(lab.paths, lab.name, () => undefined);
  return { base, live: liveDifference(readPreview(preview, stackName(lab.name))) };
}

/** The claims of a report. */
export function claimsOf({ verdict, changes }: Difference): Doings {
  const started = verdict.hosts.filter(({ k3s }) => /^(re)?starts\b/.test(k3s));
  const orders = [...new Set(started.map(({ order }) => Number(order)))].sort((a, b) => a - b);
  const gone = changes.filter(({ action, kind }) => action === "removed" && kind !== "output" && kind !== "roll-out");
  return {
    starts: orders.map((at) => namesOf(started.filter(({ order }) => Number(order) === at))),
    uninstalled: namesOf(verdict.hosts.filter(({ k3s }) => k3s === "is uninstalled")),
    drained: namesOf(verdict.hosts.filter(({ drain }) => drain === "yes")),
    deleted: namesOf(gone),
    releases: namesOf(changes.filter(({ kind, action }) => kind === "release" && action === "changed")),
  };
}

/** When k3s came up last on each host, in microseconds since the machine's start, which all containers share; 0 where it does not run. */
export async function startTimes(lab: ClusterOnLab): Promise<ReadonlyMap<string, number>> {
  const entries = lab.state().hosts.map(async ({ name, role }): Promise<[string, number]> => {
    const unit = role === "server" ? "k3s" : "k3s-agent";
    const text = await lab.on(name, `systemctl show -p ActiveState -p ActiveEnterTimestampMonotonic ${unit}`);
    const isActive = /^ActiveState=active$/m.test(text);
    return [name, isActive ? Number(/^ActiveEnterTimestampMonotonic=(\d+)$/m.exec(text)?.[1]) : 0];
  });
  return new Map(await Promise.all(entries));
}

export interface Seen {
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
  readonly run: Run;
}

/**
 * What an `up` did, by the hosts' own start times and by the engine's events.
 *
 * @param rows How the claims put machines side by side: those of a row are put together here as well, when they come one after another.
 */
export function doneBy({ before, after, run }: Seen, rows: Doings["starts"], nodes: readonly string[]): Doings {
  const inOrder = [...after]
    .filter(([name, time]) => time !== 0 && time !== before.get(name))
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => name);
  const rowOf = (name: string): number => rows.findIndex((row) => row.includes(name));
  const starts: string[][] = [];
  for (const [at, name] of inOrder.entries()) {
    const isSameRow = at > 0 && rowOf(name) >= 0 && rowOf(name) === rowOf(inOrder[at - 1] ?? "");
    if (isSameRow) starts.at(-1)?.push(name);
    else starts.push([name]);
  }
  const named = (verb: string): string[] =>
    run.operations.flatMap((one) => (one.startsWith(`${verb} `) ? [one.slice(verb.length + 1)] : []));
  const releases = new Set(
    [...run.text.matchAll(/kubernetes:helm\.sh\/v3:Release (\S+) updated/g)].map(([, name]) => name),
  );
  const drained = [...run.text.matchAll(/\bdrained (\S+): \d+ pods moved/g)].map(([, name = ""]) => name);
  return {
    starts: starts.map((row) => [...row].sort()),
    uninstalled: [...before].flatMap(([name, time]) => (time !== 0 && after.get(name) === 0 ? [name] : [])).sort(),
    drained: [...new Set(drained)].sort(),
    deleted: [
      ...new Set([...named("deleted"), ...named("replaced")].map((name) => nodeOf(name, nodes) ?? name)),
    ].sort(),
    releases: named("updated")
      .filter((name) => releases.has(name))
      .sort(),
  };
}

/** The machines that the engine's events are about. */
export function touchedBy({ operations }: Run, nodes: readonly string[]): string[] {
  return [...new Set(operations.flatMap((one) => nodeOf(one.slice(one.indexOf(" ") + 1), nodes) ?? []))].sort();
}

/** The node that a command is a step of: `agent-1-ready` is one of agent-1's. */
function nodeOf(resource: string, nodes: readonly string[]): string | undefined {
  return nodes.find((node) => resource === node || resource.startsWith(`${node}-`));
}

function namesOf(all: readonly { readonly name: string }[]): string[] {
  return all.map(({ name }) => name).sort();
}
