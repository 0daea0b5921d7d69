import { createInterface } from "node:readline/promises";
import { GroundworkError } from "../config/groundworkError";

/** Where a question is asked. */
export interface Questioner {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Asks whether to go on, with no as the answer to all but `y` and `yes`.
 *
 * @throws GroundworkError where nobody can be asked.
 */
export async function confirm(
  question: string,
  { input, output }: Questioner = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  if (input.isTTY !== true) {
    throw new GroundworkError("usage", "there is no terminal to ask in, so nothing was done", {
      remedy: "--dry-run shows what would be done, and --yes does it without asking",
    });
  }
  const lines = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
