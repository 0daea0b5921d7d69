import type { Problem } from "./problem";

/**
 * - `usage`: a command or an option is wrong.
 * - `invalid-settings`: a stack's settings are wrong; `problems` has all of them.
 * - `failed`: anything else that is known to happen.
 */
export type ErrorCode = "usage" | "invalid-settings" | "failed";

export interface ErrorDetails {
  /** What to do about it; left out where the message says it. */
  readonly remedy?: string;
  readonly problems?: readonly Problem[];
}

/**
 * A failure that is reported in the words of its message, without a stack trace: what is wrong and what to do is all there is
 * to know. Any other error is a defect. Extended only where a caller has to tell cases apart.
 */
export class GroundworkError<Code extends string = ErrorCode> extends Error {
  override readonly name: string = "GroundworkError";
  readonly code: Code;
  /** What to do about it; empty where the message says it. */
  readonly remedy: string;
  /** For `invalid-settings`: every problem, with its path. */
  readonly problems: readonly Problem[];

  constructor(code: Code, message: string, { remedy = "", problems = [] }: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.problems = problems;
  }

  /** Whether something that was thrown is one, of whatever code. */
  static isInstance(error: unknown): error is GroundworkError<string> {
    return error instanceof GroundworkError;
  }
}
