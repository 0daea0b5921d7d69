import { allChecks } from "./checks";
import type { Check, Finding } from "../checks/check";
import { guardedView } from "./guardedView";
import type { Problem } from "../problem";
import { walkSchema } from "./schemaWalk";
import { settingsSchema } from "./schema";
import type { Settings } from "../settings";
import { namedFiles, type Measure, type MeasuredFiles } from "../upload";

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
  /** Looks at the files that are to be uploaded. Default: nobody does. */
  readonly measure?: Measure | undefined;
  /** What such a file is that is not there. Default: an error. */
  readonly missingFiles?: "error" | "warning" | undefined;
  /** The time now, for warnings that depend on it. */
  readonly now?: Date | undefined;
}

/**
 * Reads a stack's settings: one entry a key under `groundwork:`, secrets already as `Secret`. Pure, but for `measure`; never throws; finds
 * everything in one go: what does not fit the schema, and what does not fit together in the parts that do.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>, options: ParseOptions): ParsedSettings {
  const { nodes, ...others } = raw;
  // 'nodes:' with nothing after it is how a new stack begins; a check says what to write.
  const walked = walkSchema(settingsSchema, nodes === null ? others : raw);
  const value = walked.value as Omit<Settings, "stack">;
  const candidate: Settings = { ...value, stack: options.stack, ...measured(value, options.measure) };
  const findings = allChecks.flatMap((check) => run(check, candidate, walked.broken, options));
  const problems = [...walked.problems, ...plain(findings, "error")];
  const warnings = plain(findings, "warning");
  return { settings: problems.length === 0 ? candidate : undefined, problems, warnings };
}

/** What the settings do not say of the files that they name. A part that is broken may not be there at all. */
function measured(
  { k3s }: Partial<Pick<Settings, "k3s">>,
  measure: Measure | undefined,
): { readonly measured?: MeasuredFiles } {
  const files = namedFiles(k3s?.upload);
  if (measure === undefined || files.length === 0) return {};
  return { measured: new Map(files.map(({ file }) => [file, measure(file)])) };
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
