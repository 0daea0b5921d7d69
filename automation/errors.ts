import { GroundworkError, type ErrorDetails } from "../config/groundworkError";
import { problemLine, type Problem } from "../config/problem";
import type { ResourceName } from "./resourceName";

/**
 * Why an operation on a stack did not succeed.
 *
 * - `invalid-settings`: the settings or options are wrong; `problems` has all of them, and nothing was started.
 * - `no-engine`: no Pulumi command-line tool was found.
 * - `locked`: another operation has the stack, or one that was killed left its lock behind.
 * - `wrong-passphrase`: the passphrase is missing, or is not the one that the stack's secrets are encrypted with.
 * - `stack-not-found`: the backend has no such stack.
 * - `stack-not-empty`: an import would replace a state that has resources.
 * - `plan-differs`: what would be done is not what the plan says, and was not done; `problems` has what differs.
 * - `cancelled`: the caller's signal, or `cancel()`, stopped it.
 * - `failed`: anything else; `failures` tells which resources failed, with the hosts' own lines.
 */
export type StackErrorCode =
  | "invalid-settings"
  | "no-engine"
  | "locked"
  | "wrong-passphrase"
  | "stack-not-found"
  | "stack-not-empty"
  | "plan-differs"
  | "cancelled"
  | "failed";

/** A resource that could not be brought to what it should be. */
export interface ResourceFailure {
  readonly resource: ResourceName;
  /** What was said about it, from the host or from the engine, a line each. */
  readonly lines: readonly string[];
}

interface StackErrorDetails extends ErrorDetails {
  readonly remedy: string;
  readonly failures?: readonly ResourceFailure[];
}

/** The one kind of error that operations on a stack end with. No secret is in it. */
export class StackError extends GroundworkError<StackErrorCode> {
  override readonly name = "StackError";
  /** For `failed`: the resources that failed. */
  readonly failures: readonly ResourceFailure[];

  constructor(code: StackErrorCode, message: string, { failures = [], ...details }: StackErrorDetails) {
    super(code, message, details);
    this.failures = failures;
  }
}

/** The error for options that are wrong, with all of them. */
export function invalidOptions(what: string, problems: readonly Problem[]): StackError {
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  const remedy = "correct the options in `problems`";
  return new StackError("invalid-settings", [what, ...lines].join("\n"), { remedy, problems });
}

/** What is known about an operation that ended badly. */
export interface Ending {
  /** `up`, `destroy`, …: for messages. */
  readonly operation: string;
  readonly stack: string;
  /** What Pulumi's SDK threw. */
  readonly error: unknown;
  readonly cancelled: boolean;
  readonly failures: readonly ResourceFailure[];
  /** Errors that belong to no resource that failed: the program's own. */
  readonly errorLines: readonly string[];
  /** What would have been done that is not in the plan. */
  readonly violations?: readonly Problem[];
  readonly mask: (text: string) => string;
}

/** The typed error for what the engine said. Pure. */
export function stackErrorOf(ending: Ending): StackError {
  const { operation, stack, error, cancelled, failures, errorLines, violations = [], mask } = ending;
  if (error instanceof StackError) return error;
  const said = mask(error instanceof Error ? error.message : String(error));
  const what = `stack '${stack}': ${operation}`;
  if (cancelled) {
    const remedy = "what was done is kept; run up or destroy again to go on";
    return new StackError("cancelled", `${what} was cancelled`, { remedy, failures });
  }
  if (violations.length > 0) return planDiffers(stack, violations, failures);
  // A host's output is part of what was said, so a resource that failed is asked first.
  if (failures.length > 0) {
    const resources = failures.map(({ resource, lines }) => `  ${resource.name}: ${lastError(lines)}`);
    const remedy = "correct what the lines of `failures` say and run it again; what succeeded is kept";
    return new StackError("failed", [`${what} failed:`, ...resources].join("\n"), { remedy, failures });
  }
  if (said.includes(LOCKED_BY) || said.includes(BUSY)) {
    const holders = new Set([...said.matchAll(/: (created by .*)$/gm)].map(([, holder = ""]) => holder.trim()));
    return new StackError("locked", [`${what} has to wait: another operation has the stack`, ...holders].join("; "), {
      remedy: "wait until it has ended; if it was killed and left its lock behind, call cancel()",
    });
  }
  if (said.includes("incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE")) {
    return new StackError("wrong-passphrase", `${what} cannot read the stack's secrets: the passphrase is not theirs`, {
      remedy: "give the passphrase that the stack was created with",
    });
  }
  if (said.includes("passphrase must be set with PULUMI_CONFIG_PASSPHRASE")) {
    return new StackError("wrong-passphrase", `${what} needs the stack's passphrase`, {
      remedy: "give it as `passphrase`, or a `secretsProvider`",
    });
  }
  if (/no stack named .* found/.test(said)) {
    return new StackError("stack-not-found", `${what}: the backend has no such stack`, {
      remedy: "check the name and the backend; up creates it",
    });
  }
  const [, signal] = /was killed with (SIG[A-Z0-9]+)/.exec(said) ?? [];
  if (signal !== undefined) {
    return new StackError("failed", `${what} failed: Pulumi was killed (${signal})`, {
      remedy: "call cancel() to take away its lock, then run it again",
    });
  }
  const lines = errorLines.length > 0 ? errorLines : engineErrors(said);
  return new StackError("failed", [`${what} failed:`, ...lines.map((line) => `  ${line}`)].join("\n"), {
    remedy: "correct what it says and run it again",
  });
}

/** The error for what is not as a plan says; without `failures`, nothing was started. */
export function planDiffers(
  stack: string,
  problems: readonly Problem[],
  failures?: readonly ResourceFailure[],
): StackError {
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  const message = [`stack '${stack}': up would do something else than its plan says:`, ...lines].join("\n");
  const done = failures === undefined ? "nothing was started" : "what was done as planned before is kept";
  return new StackError("plan-differs", message, {
    remedy: `preview again and look at it; ${done}`,
    problems,
    failures,
  });
}

// Texts of the engine: pkg/backend/diy/lock.go, and the Pulumi Cloud's answer.
const LOCKED_BY = "the stack is currently locked by";
const BUSY = "[409] Conflict: Another update is currently in progress.";

/** The line that tells most: the last one that the host calls an error. */
function lastError(lines: readonly string[]): string {
  return lines.findLast((line) => line.startsWith("error:")) ?? lines.at(-1) ?? "no reason was given";
}

/** The lines that the engine calls errors, out of all that the SDK repeats of its command and output. */
function engineErrors(said: string): string[] {
  const errors = said.split("\n").filter((line) => line.startsWith("error:"));
  return [...new Set(errors.length > 0 ? errors : said.split("\n").slice(0, 5))];
}
