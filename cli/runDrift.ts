import { renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import { driftOf, type SiteDrift } from "../operate/drift/drift";
import type { Drift } from "../operate/drift/finding";
import { repairsOf, withStamps, type Repair } from "../operate/drift/stamp";
import type { StackOnDisk } from "../operate/openStack";
import { withSite } from "../operate/site";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import { patiently } from "./patience";
import type { Terminal } from "./terminal";

/** The options of `groundwork drift`. */
export interface DriftRequest extends StackRequest {
  readonly json?: true;
  readonly diff?: true;
  readonly repair?: true;
  readonly dryRun?: true;
}

/**
 * Compares, prints, and writes the stamps where they are asked for.
 *
 * @returns the exit code.
 * @throws GroundworkError
 */
export async function runDrift(request: DriftRequest, terminal: Terminal): Promise<number> {
  if (request.dryRun === true && request.repair !== true) {
    throw new GroundworkError("usage", "--dry-run goes with --repair: without it nothing is written anyway");
  }
  const file = stackOnDisk(request, terminal);
  const showLines = request.diff === true;
  const drift = await withSite(file, terminal.env, (site) =>
    patiently(terminal, site.hosts, "comparing", ({ answered }) => driftOf(site, { showLines, answered })),
  );
  terminal.out(request.json === true ? driftJson(file.stack, drift) : driftText(drift, terminal));
  if (request.repair === true) stamp(file, repairsOf(drift), { ...request, terminal });
  if (allDrifts(drift).length > 0) return EXIT_CODES.differences;
  return isAsked(drift) ? EXIT_CODES.ok : EXIT_CODES.failed;
}

function allDrifts({ nodes, releases }: SiteDrift): readonly Drift[] {
  return [...nodes.flatMap(({ drifts }) => drifts), ...releases];
}

function isAsked({ nodes, api }: SiteDrift): boolean {
  return api === undefined && nodes.every(({ silent }) => silent === undefined);
}

function driftJson(stack: string, drift: SiteDrift): string {
  const silent = drift.nodes.flatMap(({ name, silent: why }) => (why === undefined ? [] : [{ node: name, why }]));
  const changed = drift.nodes.flatMap(({ name, changed: files }) => files.map((each) => ({ node: name, ...each })));
  const behind = drift.nodes.filter(({ isBehind }) => isBehind).map(({ name }) => name);
  const all = { stack, findings: allDrifts(drift), behind, notAsked: silent, api: drift.api ?? null, changed };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}

function driftText(drift: SiteDrift, { paint }: Terminal): string {
  const lines: string[] = [];
  const tell = (name: string, drifts: readonly Drift[], silent?: string): void => {
    if (silent !== undefined) lines.push(paint.warning(`? ${name}: not compared: ${silent}`));
    else if (drifts.length === 0) lines.push(`  ${name}: as the stack file says`);
    for (const { message } of drifts) lines.push(paint.removed(`! ${name}: ${message}`));
  };
  for (const { name, drifts, silent, changed, isBehind } of drift.nodes) {
    tell(name, drifts, silent);
    for (const { path, lines: differing } of changed) {
      lines.push(paint.faint(`    ${path}`));
      for (const line of differing) lines.push(`    ${line.startsWith("+") ? paint.added(line) : paint.removed(line)}`);
    }
    if (isBehind && drifts.length > 0) {
      lines.push(
        paint.warning(`  ${name}: the settings of its k3s changed since the last up, which may be all there is`),
      );
    }
  }
  for (const each of drift.releases) tell(`release ${each.where ?? ""}`, [each]);
  if (drift.api !== undefined) lines.push(...drift.api.split("\n").map((line) => paint.warning(`? ${line}`)));
  return [...lines, ...remedies(drift), ""].join("\n");
}

/** Each remedy once, with what it is for. */
function remedies(drift: SiteDrift): string[] {
  const byRemedy = new Map<string, Set<string>>();
  for (const { remedy, where } of allDrifts(drift)) {
    byRemedy.set(remedy, (byRemedy.get(remedy) ?? new Set()).add(where ?? "the cluster"));
  }
  const lines = [...byRemedy].map(([remedy, about]) => `${[...about].join(", ")}: ${remedy}`);
  return lines.length === 0 ? [] : ["", ...lines];
}

function stamp(
  file: StackOnDisk,
  repairs: readonly Repair[],
  { dryRun, terminal }: Pick<DriftRequest, "dryRun"> & { readonly terminal: Terminal },
): void {
  if (repairs.length === 0) {
    terminal.err("no node has anything that a stamp would mend; the stack file stays as it is\n");
    return;
  }
  const names = repairs.map(({ node, drain }) => (drain ? `${node} (drained before)` : node)).join(", ");
  if (dryRun === true) {
    terminal.err(`--dry-run: a stamp for ${names} would be written into ${file.fileName}\n`);
    return;
  }
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const path = join(file.directory, file.fileName);
  const staged = `${path}.${String(process.pid)}.new`;
  writeFileSync(staged, withStamps(file.text, repairs, at), { mode: statSync(path).mode });
  renameSync(staged, path);
  terminal.err(`${file.fileName}: stamped ${names}. 'pulumi preview' shows it, and 'pulumi up' brings them back\n`);
}
