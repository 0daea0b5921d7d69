import { createHash } from "node:crypto";
import { z } from "zod";
import { problemLine, type Problem } from "../config/problem";
import { planDiffers, StackError } from "./errors";

/**
 * What a preview found that `up` would do. It is a plain object to be handed on as it is, also through JSON, a file or a
 * database; what is in it may change with any release. Secrets in it are encrypted as in the stack's state; addresses and
 * scripts are readable, as in a stack's file.
 */
export interface StackPlan {
  readonly format: 1;
  /** Name of the stack that it is for. */
  readonly stack: string;
  /** A digest of each setting that it was made of, secrets left out: the engine compares what they lead to. */
  readonly settings: Readonly<Record<string, string>>;
  /** For the implementation that made it. */
  readonly content: string;
}

/** What a plan belongs to. */
export interface Planned {
  readonly stack: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const planSchema = z.strictObject({
  format: z.literal(1),
  stack: z.string(),
  settings: z.record(z.string(), z.string()),
  content: z.string(),
});

export function stackPlan({ stack, settings }: Planned, content: string): StackPlan {
  return { format: 1, stack, settings: digests(settings), content };
}

/**
 * The content of a plan that somebody handed back, when it belongs to this stack and these settings.
 *
 * @throws StackError `plan-differs` with all that differs; `invalid-settings` when it is no plan.
 */
export function contentOfPlan(plan: unknown, { stack, settings }: Planned): string {
  const parsed = planSchema.safeParse(plan);
  if (!parsed.success) {
    const problem = { path: "plan", problem: "is not a preview's plan", remedy: "give `plan` of a preview as it is" };
    throw new StackError("invalid-settings", `stack '${stack}': ${problemLine(problem)}`, {
      remedy: problem.remedy,
      problems: [problem],
    });
  }
  const problems: Problem[] = [];
  if (parsed.data.stack !== stack) {
    problems.push({ path: "stack", problem: `the plan is for stack '${parsed.data.stack}'`, remedy: "" });
  }
  const planned = parsed.data.settings;
  const now = digests(settings);
  for (const key of [...new Set([...Object.keys(planned), ...Object.keys(now)])].sort()) {
    if (planned[key] === now[key]) continue;
    problems.push({ path: key, problem: "is set to something else than the plan was made of", remedy: "" });
  }
  if (problems.length > 0) throw planDiffers(stack, problems);
  return parsed.data.content;
}

/** A secret is a `Secret` here, and no part of it: a digest would let somebody try guesses. */
function digests(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      const text = JSON.stringify(value, (_, inner: unknown) => sorted(inner));
      return [key, createHash("sha256").update(text).digest("base64url").slice(0, 22)];
    }),
  );
}

/** The order of keys means nothing in settings. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
