import type { Problem } from "../problem";
import type { Settings } from "../settings";

/** What a check found: an error stops the program, a warning is shown and the program goes on. */
export interface Finding extends Problem {
  readonly severity: "error" | "warning";
}

/** What a check has to know besides the settings. */
export interface CheckOptions {
  readonly missingSecrets: "error" | "warning";
  /** What a file of `k3s.upload` is that is not there. Default: an error. */
  readonly missingFiles?: "error" | "warning" | undefined;
  /** The time now, for what depends on it; nothing that does is said where it is left out. */
  readonly now?: Date | undefined;
}

/** Looks at what must fit together in a stack's settings. Pure. */
export type Check = (settings: Settings, options: CheckOptions) => readonly Finding[];

/** A finding that stops the program. */
export function error(path: string, problem: string, remedy: string): Finding {
  return { severity: "error", path, problem, remedy };
}

/** A finding that is shown. */
export function warning(path: string, problem: string, remedy: string): Finding {
  return { severity: "warning", path, problem, remedy };
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
