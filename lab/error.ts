/** What went wrong in the lab, in one line, with what to do about it. It is shown without a stack trace. */
export class LabError extends Error {
  override readonly name = "LabError";
  /** What to do about it; undefined when the message says it. */
  readonly remedy: string | undefined;

  constructor(problem: string, remedy?: string) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}`);
    this.remedy = remedy;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, " | ");
}
