import { resolve } from "node:path";
import { nearest } from "../config/schema/nearest";
import { planAgainst } from "../plan/compare/against";
import type { Difference } from "../plan/compare/difference";
import { evaluate } from "../plan/run/evaluate";
import type { Plan, PlanNode } from "../plan/model";
import { renderDifferenceMarkdown } from "../plan/render/differenceMarkdown";
import { renderDifferenceText } from "../plan/render/differenceText";
import { renderMarkdown } from "../plan/render/markdown";
import { renderNodeMarkdown, renderNodeText } from "../plan/render/node";
import { renderText } from "../plan/render/text";
import { findProject, readStackFile } from "../plan/run/stackFiles";
import { GroundworkError } from "../config/groundworkError";
import { EXIT_CODES } from "./exitCodes";
import { onlyStack } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork plan`. */
export interface PlanRequest {
  readonly stack?: string;
  readonly format: "text" | "markdown" | "json";
  readonly json?: boolean;
  readonly node?: string;
  readonly against?: string;
  readonly exitCode?: boolean;
  readonly cwd?: string;
}

/**
 * Makes the plan, or the difference, and prints it.
 *
 * @returns the exit code.
 * @throws GroundworkError
 */
export async function runPlan(request: PlanRequest, terminal: Terminal): Promise<number> {
  const project = findProject(resolve(terminal.cwd, request.cwd ?? "."));
  const stack = request.stack ?? onlyStack(project);
  const file = readStackFile(project, stack);
  const plan = (): Promise<Plan> => evaluate({ project: project.name, stack, ...file, now: new Date() });
  const format = request.json === true ? "json" : request.format;

  if (request.against === undefined) {
    const made = await plan();
    terminal.out(
      request.node === undefined ? planText(made, format, terminal) : nodeText(made, request.node, format, terminal),
    );
    return EXIT_CODES.ok;
  }
  const all = await planAgainst(project, stack, request.against, plan);
  const difference = request.node === undefined ? all : onlyNode(all, request.node);
  terminal.out(differenceText(difference, format, terminal));
  return request.exitCode === true && difference.changes.length > 0 ? EXIT_CODES.differences : EXIT_CODES.ok;
}

function planText(plan: Plan, format: PlanRequest["format"], terminal: Terminal): string {
  if (format === "json") return json(plan);
  return format === "markdown" ? renderMarkdown(plan) : renderText(plan, terminal);
}

function nodeText(plan: Plan, name: string, format: PlanRequest["format"], terminal: Terminal): string {
  const node = findNode(plan, name);
  if (format === "json") return json(node);
  return format === "markdown" ? renderNodeMarkdown(node) : renderNodeText(node, terminal);
}

function findNode({ stack, nodes }: Plan, name: string): PlanNode {
  const node = nodes.find((each) => each.name === name);
  if (node !== undefined) return node;
  const names = nodes.map((each) => each.name);
  const near = nearest(name, names);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new GroundworkError("usage", `stack '${stack}' has no node '${name}'.${hint} Nodes: ${names.join(", ")}`);
}

function onlyNode(difference: Difference, name: string): Difference {
  return {
    ...difference,
    changes: difference.changes.filter((change) => change.kind === "node" && change.name === name),
  };
}

function differenceText(difference: Difference, format: PlanRequest["format"], terminal: Terminal): string {
  if (format === "json") return json(difference);
  return format === "markdown" ? renderDifferenceMarkdown(difference) : renderDifferenceText(difference, terminal);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
