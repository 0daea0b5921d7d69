import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { parse } from "yaml";
import { findProject, readStackFile, type Project } from "../plan/run/stackFiles";
import type { CompletionContext } from "./completer";

/** Stacks of the project that a directory belongs to. */
export function stackNamesAt(directory: string): readonly string[] {
  return findProject(directory).stacks;
}

/** Nodes of the stack that was given, or of every stack. */
export function nodeNames({ cwd, given }: CompletionContext): readonly string[] {
  const project = findProject(resolve(cwd, given.get("cwd") ?? "."));
  const stack = given.get("stack");
  const stacks = stack === undefined ? project.stacks : [stack];
  return [...new Set(stacks.flatMap((each) => nodesOfStack(project, each)))];
}

function nodesOfStack(project: Project, stack: string): string[] {
  const content = parse(readStackFile(project, stack).text) as { config?: Record<string, unknown> } | null;
  const nodes: unknown = content?.config?.["groundwork:nodes"];
  if (!Array.isArray(nodes)) return [];
  return (nodes as { name?: unknown }[]).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}

/** Branches and tags. */
export function gitRefs({ cwd }: CompletionContext): readonly string[] {
  const refs = execFileSync("git", ["for-each-ref", "--format=%(refname:short)"], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return refs.trim().split("\n");
}
