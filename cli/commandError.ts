/** Exit codes of the command, as its help tells them. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, differences: 3 } as const;

/** A failure that is told in one line, without a stack trace. */
export class CommandError extends Error {
  /** `usage`: the command or the settings are wrong; `failed`: anything else. */
  readonly code: "usage" | "failed";

  constructor(code: "usage" | "failed", message: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
  }
}
