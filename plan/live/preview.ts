import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";

/** What the engine records, or would record, of a resource. */
const STATE = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().default(false),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  parent: z.string().default(""),
  provider: z.string().default(""),
  dependencies: z.array(z.string()).nullish(),
  protect: z.boolean().default(false),
});

const orNothing = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const STEP = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: orNothing(STATE),
  newState: orNothing(STATE),
  detailedDiff: z.record(z.string(), z.looseObject({ kind: z.string().default("") })).nullish(),
  diffReasons: z.array(z.string()).nullish(),
  replaceReasons: z.array(z.string()).nullish(),
});

const PREVIEW = z.looseObject({
  steps: z.array(STEP).nullish(),
  diagnostics: z.array(z.looseObject({ message: z.string().default(""), severity: z.string().default("") })).nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
});

export type State = z.infer<typeof STATE>;
export type Step = z.infer<typeof STEP>;

/** What `pulumi preview --json` wrote. */
export interface Preview {
  readonly project: string;
  readonly stack: string;
  readonly steps: readonly Step[];
  /** What the engine and the program said that is an error; then the steps are those that were known until it. */
  readonly errors: readonly string[];
  /** Whether the engine looked at what is there, and not only at what it has recorded. */
  readonly refreshed: boolean;
}

/**
 * A preview as data.
 *
 * @throws GroundworkError that says how to make one that can be read.
 */
export function readPreview(text: string, stack: string): Preview {
  const how = `'pulumi preview --json --show-sames --stack ${stack}'`;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new GroundworkError("usage", `--live: the preview is not JSON; write it with ${how} and nothing else in it`);
  }
  const read = PREVIEW.safeParse(data);
  if (!read.success) {
    const [first] = read.error.issues;
    throw new GroundworkError(
      "usage",
      `--live: ${first?.path.join(".") ?? ""} is not as the engine writes it; write the preview with ${how}`,
    );
  }
  const { diagnostics, changeSummary } = read.data;
  const steps = read.data.steps ?? [];
  const errors = (diagnostics ?? [])
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message.trim());
  const [, place = "", project = ""] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(steps[0]?.urn ?? "") ?? [];
  if (place !== "" && place !== stack) {
    throw new GroundworkError("usage", `--live: the preview is of stack '${place}', and not of '${stack}'`);
  }
  if (steps.length === 0 && errors.length === 0) {
    throw new GroundworkError("usage", `--live: there is no step in the preview; write it with ${how}`);
  }
  // The roll-out, and what is drained where, follow from what stays the same as well.
  if ((changeSummary?.["same"] ?? 0) > steps.filter(({ op }) => op === "same").length) {
    throw new GroundworkError("usage", `--live: what stays the same is not in the preview; write it with ${how}`);
  }
  return { project, stack, steps, errors, refreshed: steps.some(({ op }) => op === "refresh") };
}
