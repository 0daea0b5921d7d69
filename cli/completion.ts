import type { Command, Option } from "commander";
import { valuesOf } from "./completer";
import { completionScript, SHELLS, type Shell } from "./completionScripts";
import type { VerbContext } from "./verb";

const HELP = `
Examples:
  source <(groundwork completion bash)                      this shell
  groundwork completion bash > ~/.local/share/bash-completion/completions/groundwork
  groundwork completion zsh > ~/.zfunc/_groundwork          with ~/.zfunc in fpath, before compinit

Inside a checkout, 'npx groundwork' is the command; 'alias groundwork="npx groundwork"' makes it complete.
`;

/** `groundwork completion`, and the hidden verb that its scripts call. */
export function addCompletion(program: Command, { terminal }: VerbContext): void {
  const completion = program
    .command("completion")
    .summary("print the completion script for a shell")
    .description("Print the completion script for a shell: verbs, options, stacks, nodes and git revisions.");
  completion
    .addArgument(completion.createArgument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action((shell: Shell) => terminal.out(completionScript(shell)));
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .action((words: string[]) => {
      terminal.out(
        candidates(program, words, terminal.cwd)
          .map(({ word, description }) => `${word}\t${description}\n`)
          .join(""),
      );
    });
}

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/**
 * What the last word can become.
 *
 * @param words The words after the command's name; the last one is being typed and may be empty.
 */
export function candidates(program: Command, words: readonly string[], cwd: string): Candidate[] {
  const typed = words.at(-1) ?? "";
  const { command, given, awaiting, positional } = readWords(program, words.slice(0, -1));
  const matching = (found: readonly Candidate[]): Candidate[] => found.filter(({ word }) => word.startsWith(typed));
  if (awaiting !== undefined) return matching(plain(valuesOf(awaiting, { cwd, given })));

  const [, name, value] = /^(--[^=]+)=(.*)$/.exec(typed) ?? [];
  if (name !== undefined) {
    const option = command.options.find((each) => each.long === name);
    const found = option === undefined ? [] : valuesOf(option, { cwd, given });
    return plain(found.filter((each) => each.startsWith(value ?? "")).map((each) => `${name}=${each}`));
  }
  if (typed.startsWith("-")) return matching(options(command, given));
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[positional] ?? (last?.variadic === true ? last : undefined);
  const found = argument === undefined ? [] : valuesOf(argument, { cwd, given });
  return matching([...verbs(command), ...plain(found)]);
}

interface Read {
  readonly command: Command;
  readonly given: ReadonlyMap<string, string>;
  /** The option whose value is being typed. */
  readonly awaiting: Option | undefined;
  /** Number of arguments before the word. */
  readonly positional: number;
}

function readWords(program: Command, words: readonly string[]): Read {
  let command = program;
  let awaiting: Option | undefined;
  let positional = 0;
  const given = new Map<string, string>();
  for (const word of words) {
    if (awaiting !== undefined) {
      given.set(awaiting.attributeName(), word);
      awaiting = undefined;
      continue;
    }
    const [flag = "", value] = word.split(/=(.*)/s);
    const option = command.options.find((each) => each.long === flag || each.short === flag);
    const verb = command.commands.find((each) => each.name() === word);
    if (option !== undefined && value !== undefined) given.set(option.attributeName(), value);
    else if (option?.required === true) awaiting = option;
    else if (option !== undefined) given.set(option.attributeName(), "");
    else if (verb !== undefined) command = verb;
    else positional += 1;
  }
  return { command, given, awaiting, positional };
}

function verbs(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), description: each.summary() === "" ? each.description() : each.summary() }));
}

function options(command: Command, given: ReadonlyMap<string, string>): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !given.has(option.attributeName()))
    .map((option) => ({ word: option.long ?? option.flags, description: option.description }));
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, description: "" }));
}
