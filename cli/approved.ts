import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import { digestOf, isDigest, readDigest, type Digest } from "../plan/compare/digest";
import { differenceIn } from "../pullRequest/reports";
import type { Terminal } from "./terminal";

/** What was approved: a digest, or a file from which it is worked out, because that is what people were shown. */
export function approvedIn(given: string, { cwd }: Terminal): Digest {
  if (isDigest(given)) return readDigest(given);
  let text: string;
  try {
    text = readFileSync(resolve(cwd, given), "utf8");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    throw new GroundworkError(
      "usage",
      `--expect: '${given.slice(0, 100)}' is no digest (64 hexadecimal digits), and no file that can be read (${why})`,
    );
  }
  const found = differenceIn(text);
  if (typeof found === "string") throw new GroundworkError("usage", `--expect: ${given} ${found}`);
  const digest = digestOf(found);
  if (digest === undefined) throw new GroundworkError("usage", `--expect: ${given} is of a preview that failed`);
  return digest;
}
