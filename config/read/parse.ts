import { allChecks } from "./checks";
import type { Check, Finding } from "../checks/check";
import { guardedView } from "./guardedView";
import type { Problem } from "../problem";
import { walkSchema } from "./schemaWalk";
import { settingsSchema } from "./schema";
import type { Settings } from "../settings";

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
  /** The time now, for warnings that depend on it. */
  readonly now?: Date | undefined;
}

/**
 * Reads a stack's settings: one entry a key under `groundwork:`, secrets already as `Secret`. Pure; never throws; finds
 * everything in one go: what does not fit the schema, and what does not fit together in the parts that do.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>, options: ParseOptions): ParsedSettings {
  const { nodes, ...others } = raw;
  // 'nodes:' with nothing after it is how a new stack begins; a check says what to write.
  const walked = walkSchema(settingsSchema, nodes === null ? others : raw);
  const candidate: Settings = { ...(walked.value as Omit<Settings, "stack">), stack: options.stack };
  const findings = allChecks.flatMap((check) => run(check, candidate, walked.broken, options));
  const problems = [...walked.problems, ...plain(findings, "error")];
  const warnings = plain(findings, "warning");
  return { settings: problems.length === 0 ? candidate : undefined, problems, warnings };
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
