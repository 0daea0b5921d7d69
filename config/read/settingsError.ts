import * as pulumi from "@pulumi/pulumi";
import { problemLine, type Problem } from "../problem";

/**
 * All that is wrong with a stack's settings, as one error. Pulumi prints the message of a `RunError` without a stack
 * trace (its cmd/run/run.js and automation/server.js).
 */
export class SettingsError extends pulumi.RunError {
  readonly code = "invalid-settings";
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    super(
      [
        `The settings of stack '${stack}' have ${count}:`,
        ...problems.map((problem) => `  ${problemLine(problem)}`),
      ].join("\n"),
    );
    this.name = "SettingsError";
    this.problems = problems;
  }
}
