import type { Argument, Option } from "commander";

/** What a completer may look at. */
export interface CompletionContext {
  readonly cwd: string;
  /** The values of options given so far, by long name without dashes. */
  readonly given: ReadonlyMap<string, string>;
}

/** Gives the words that an option's value can be. */
export type Completer = (context: CompletionContext) => readonly string[];

const completers = new WeakMap<Option | Argument, Completer>();

/** Lets an argument be completed with words that are looked up when they are asked for. */
export function completeWords(argument: Argument, completer: Completer): Argument {
  completers.set(argument, completer);
  return argument;
}

/** Lets an option's value be completed with words that are looked up when they are asked for. */
export function completeWith(option: Option, completer: Completer): Option {
  completers.set(option, completer);
  return option;
}

/** The words for an option's value or an argument: its choices, or what its completer finds. */
export function valuesOf(option: Option | Argument, context: CompletionContext): readonly string[] {
  try {
    return option.argChoices ?? completers.get(option)?.(context) ?? [];
  } catch {
    // A broken stack file must not print into the line that is being typed.
    return [];
  }
}
