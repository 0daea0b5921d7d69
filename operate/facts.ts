import { GroundworkError } from "../config/groundworkError";
import type { HostAnswer } from "./host";

/**
 * What a host program said as `name=value` lines, which are read until its end; other lines are not facts.
 *
 * @throws GroundworkError with the program's own error where it failed.
 */
export function factsOf(answer: HostAnswer): ReadonlyMap<string, string> {
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
  const facts = new Map<string, string>();
  for (const line of answer.stdout.split("\n")) {
    const [, name, value] = /^([a-z][a-z_0-9]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) facts.set(name, value ?? "");
  }
  return facts;
}

/** Why a host program failed, in its own words. */
export function failureOf({ code, stderr, stdout }: HostAnswer): string {
  const lines = stderr.trim() === "" ? stdout.trim().split("\n") : stderr.trim().split("\n");
  const errors = lines.filter((line) => line.startsWith("error: "));
  const said = (errors.length > 0 ? errors : lines.slice(-1)).map((line) => line.replace(/^error: /, "")).join("; ");
  return said === "" ? `it ended with code ${code}` : said;
}
