import { GroundworkError } from "../config/groundworkError";
import { EXIT_CODES } from "./exitCodes";
import type { Terminal } from "./terminal";

/** Tells a failure in the words of its message, without a stack trace unless one is asked for; gives the exit code. */
export function reportError(error: unknown, { err, env }: Terminal, debug: boolean): number {
  const isDebug = debug || (env["GROUNDWORK_DEBUG"] ?? "") !== "";
  if (isDebug && error instanceof Error) err(`${error.stack ?? error.message}\n`);
  if (GroundworkError.isInstance(error)) {
    const { code, message, remedy } = error;
    err(`${code === "invalid-settings" ? "" : "groundwork: "}${message}${remedy === "" ? "" : `; ${remedy}`}\n`);
    return code === "usage" || code === "invalid-settings" ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
  const reason = error instanceof Error ? error.message : String(error);
  err(`groundwork: ${reason.trimEnd()}\n`);
  if (!isDebug) err("This was not expected; GROUNDWORK_DEBUG=1 shows where it happened.\n");
  return EXIT_CODES.failed;
}
