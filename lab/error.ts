import { GroundworkError } from "../config/groundworkError";

/** What went wrong in the lab, in one line, with what to do about it. It is shown without a stack trace. */
export class LabError extends GroundworkError {
  override readonly name = "LabError";

  constructor(problem: string, remedy?: string) {
    super("failed", remedy === undefined ? problem : `${problem}; ${remedy}`);
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, " | ");
}
