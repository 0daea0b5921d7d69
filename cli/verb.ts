import type { Command } from "commander";
import type { Terminal } from "./terminal";

/** What a verb's file exports: it adds its command, and sets the exit code where it is not 0. */
export type AddVerb = (program: Command, context: VerbContext) => void;

export interface VerbContext {
  readonly terminal: Terminal;
  readonly setExitCode: (code: number) => void;
}
