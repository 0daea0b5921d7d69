/** A failure that is told by its message, without a stack trace: what is wrong, and what to do about it. */
export class GroundworkError extends Error {
  override readonly name: string = "GroundworkError";
  /** `usage`: the command or the settings are wrong; `failed`: anything else. */
  readonly code: "usage" | "failed";
  /** What to do about it; undefined when the message says it. */
  readonly remedy: string | undefined;

  constructor(code: "usage" | "failed", problem: string, remedy?: string) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}`);
    this.code = code;
    this.remedy = remedy;
  }
}
