import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { nearest } from "../config/schema/nearest";
import { GroundworkError } from "../config/groundworkError";

/** A directory with a Pulumi project. */
export interface Project {
  readonly directory: string;
  readonly name: string;
  /** Names of the stacks that have a file, sorted. */
  readonly stacks: readonly string[];
}

/** Text of a stack's file. */
export interface StackFileText {
  readonly fileName: string;
  readonly text: string;
}

/**
 * The project that a directory belongs to: the nearest one upwards with a Pulumi.yaml, as Pulumi itself looks for it.
 *
 * @throws GroundworkError when there is none.
 */
export function findProject(start: string): Project {
  for (let directory = resolve(start); ; directory = dirname(directory)) {
    const text = readIfThere(join(directory, "Pulumi.yaml"));
    if (text !== undefined) {
      return { directory, name: projectName(text) ?? basename(directory), stacks: stackNames(directory) };
    }
    if (directory === dirname(directory)) {
      throw new GroundworkError(
        "usage",
        `no Pulumi.yaml in ${resolve(start)} or above it; run this in the project's directory`,
      );
    }
  }
}

/**
 * The file of a stack.
 *
 * @throws GroundworkError that lists the stacks there are.
 */
export function readStackFile(project: Project, stack: string): StackFileText {
  const fileName = `Pulumi.${stack}.yaml`;
  const text = /^[A-Za-z0-9._-]{1,100}$/.test(stack) ? readIfThere(join(project.directory, fileName)) : undefined;
  if (text === undefined) throw new GroundworkError("usage", unknownStack(project, stack));
  return { fileName, text };
}

/** One line on a stack that is not there: its nearest name, and those there are. */
export function unknownStack({ stacks }: Project, stack: string): string {
  if (stacks.length === 0) return `there is no stack '${stack}': the project has no Pulumi.<stack>.yaml yet`;
  const near = nearest(stack, stacks);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return `there is no stack '${stack}'.${hint} Stacks: ${stacks.join(", ")}`;
}

/** Names of the stacks with a file in the directory, sorted. */
export function stackNames(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

function projectName(text: string): string | undefined {
  try {
    const { name } = parse(text) as { name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
