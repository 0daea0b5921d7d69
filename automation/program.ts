import type { PulumiFn } from "@pulumi/pulumi/automation";
import { problemText, readSettings } from "../config/read/load";
import { problemLine, type Problem } from "../config/problem";
import { groundwork } from "../index";
import { StackError } from "./errors";
import type { StackEvent } from "./events";
import { objectSource } from "./settingsObject";

/** Settings as they were given, and how to speak of them. */
export interface Given {
  /** Secrets as `Secret`; undefined when none were given. */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
  /** The stack's name without the organization. */
  readonly stack: string;
  readonly mask: (text: string) => string;
}

/**
 * Sees that settings are right, and tells the warnings about them.
 *
 * @throws StackError `invalid-settings` with all that is wrong.
 */
export function checkSettings({ settings, stack, mask }: Given, tell: (event: StackEvent) => void): void {
  const warnings: Problem[] = [];
  const { problems } = readSettings(
    objectSource(settings ?? {}, (warning) => warnings.push(warning)),
    stack,
  );
  if (problems.length > 0) {
    throw new StackError("invalid-settings", mask(problemText(stack, problems)), {
      remedy: "correct the settings in `problems`; nothing was started",
      problems: problems.map(({ path, problem, remedy }) => ({ path, problem: mask(problem), remedy: mask(remedy) })),
    });
  }
  for (const warning of warnings) {
    tell({ kind: "problem", severity: "warning", resource: undefined, text: mask(problemLine(warning)) });
  }
}

/** The program with settings that were found to be right. */
export function programOf({ settings }: Given, agentSocket: string | undefined): PulumiFn {
  // Their warnings were told already.
  const source = objectSource(settings ?? {}, () => undefined);
  return async () => Promise.resolve({ ...groundwork(source, agentSocket) });
}
