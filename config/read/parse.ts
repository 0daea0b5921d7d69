import { allChecks } from "../checks/all";
import type { Check, Finding } from "../checks/check";
import { guardedView } from "./guardedView";
import type { Problem } from "../problem";
import { walkSchema } from "./schemaWalk";
import { settingsSchema, type Settings } from "../settings";

/** What a stack's settings come to. */
export interface ParsedSettings {
  /** The settings with all defaults; undefined when there is any problem. */
  readonly settings: Settings | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What the parser has to know besides the settings. */
export interface ParseOptions {
  /** Name of the stack. */
  readonly stack: string;
  /** Whether a secret that is not set is a problem (`up`) or a warning (the offline plan). */
  readonly missingSecrets: "error" | "warning";
}

/**
 * Reads a stack's settings: one entry a key under `groundwork:`, secrets already as `Secret`. Pure; never throws; finds
 * everything in one go: what does not fit the schema, and what does not fit together in the parts that do.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>, options: ParseOptions): ParsedSettings {
  const nodes = raw["nodes"];
  if (nodes === undefined || nodes === null || (Array.isArray(nodes) && nodes.length === 0)) {
    const rest = parseSettings({ ...raw, nodes: [PLACEHOLDER_NODE] }, { ...options, missingSecrets: "warning" });
    const others = rest.problems.filter((problem) => !problem.path.startsWith("nodes"));
    return { settings: undefined, problems: [noNodes(options.stack), ...others], warnings: [] };
  }
  const walked = walkSchema(settingsSchema, raw);
  const candidate: Settings = { ...(walked.value as Omit<Settings, "stack">), stack: options.stack };
  const findings = allChecks.flatMap((check) => run(check, candidate, walked.broken, options));
  const problems = [...walked.problems, ...plain(findings, "error")];
  const warnings = plain(findings, "warning");
  return { settings: problems.length === 0 ? candidate : undefined, problems, warnings };
}

const PLACEHOLDER_NODE = { name: "first", role: "server", address: "192.0.2.1" };

function noNodes(stack: string): Problem {
  return {
    path: "nodes",
    problem: `stack '${stack}' names no machines`,
    remedy:
      "write them under groundwork:nodes of " +
      `Pulumi.${stack}.yaml, at least one with role: server; Pulumi.dev.yaml is an example, docs/configuration.md lists every setting`,
  };
}

function run(check: Check, settings: Settings, broken: ReadonlySet<string>, options: ParseOptions): readonly Finding[] {
  if (broken.size === 0) return check(settings, options);
  const view = guardedView(settings, broken);
  try {
    const findings = check(view.value, options);
    return view.touchedBroken() ? [] : findings;
  } catch (error) {
    // A check may stumble over a part that is not there; anywhere else it is a defect of the check.
    if (view.touchedBroken()) return [];
    throw error;
  }
}

function plain(findings: readonly Finding[], severity: Finding["severity"]): Problem[] {
  return findings
    .filter((finding) => finding.severity === severity)
    .map(({ path, problem, remedy }) => ({ path, problem, remedy }));
}
