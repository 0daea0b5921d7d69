import type { Problem } from "../problem";
import type { Measure } from "../upload";

/** Where a stack's settings come from, before they are parsed: the engine, the stack's file, or a test. */
export interface SettingsSource {
  /** One entry a key under `groundwork:`; secrets are `Secret` already. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** What was wrong with the reading itself: broken YAML, a secret in plain text. */
  readonly problems: readonly Problem[];
  /** Whether nothing could be read at all, so that `problems` is the whole story and `raw` is empty. */
  readonly isUnreadable?: boolean;
  /** Whether a secret that is not set is an error (`up`) or a warning (the offline plan). */
  readonly missingSecrets: "error" | "warning";
  /** Looks at the files that are to be uploaded from this machine. Default: nobody does. */
  readonly measure?: Measure | undefined;
  /** Whether such a file that is not there is an error (`up`) or a warning (what uploads nothing). Default: an error. */
  readonly missingFiles?: "error" | "warning" | undefined;
  /** The time now; warnings that depend on it are left out where there is none. */
  readonly now?: Date | undefined;
  /** Takes each warning, once. */
  readonly warn: (warning: Problem) => void;
}
