import { Option, type Command } from "commander";
import { resolve } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import type { StackOnDisk } from "../operate/openStack";
import { findProject, readStackFile, unknownStack, type Project } from "../plan/run/stackFiles";
import { completeWith } from "./completer";
import { stackNamesAt } from "./planWords";
import type { Terminal } from "./terminal";

/** Which stack a verb is about. */
export interface StackRequest {
  readonly stack?: string;
  readonly cwd?: string;
}

/** Gives a verb the options that say which stack it is about. */
export function onStack(command: Command): Command {
  command.addOption(
    completeWith(new Option("-s, --stack <name>", "the stack; needed where there are several"), ({ cwd }) =>
      stackNamesAt(cwd),
    ),
  );
  return inProject(command);
}

/** Gives a verb the options that say which project it works in. */
export function inProject(command: Command): Command {
  return command
    .option(
      "-C, --cwd <directory>",
      "the project's directory; by default this one or the nearest above with a Pulumi.yaml",
    )
    .option("--debug", "show the stack trace of a failure");
}

/**
 * The file of the stack that was asked for.
 *
 * @throws GroundworkError where there is none, or several and none was named.
 */
export function stackOnDisk({ stack, cwd }: StackRequest, terminal: Terminal): StackOnDisk {
  const project = findProject(resolve(terminal.cwd, cwd ?? "."));
  const name = stack ?? onlyStack(project);
  return { project: project.name, stack: name, directory: project.directory, ...readStackFile(project, name) };
}

/** The project's one stack. @throws GroundworkError where there are none or several. */
export function onlyStack(project: Project): string {
  const [only, ...others] = project.stacks;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw new GroundworkError("usage", unknownStack(project, "dev"));
  throw new GroundworkError("usage", `which stack? Name it with --stack. Stacks: ${project.stacks.join(", ")}`);
}
