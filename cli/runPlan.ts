import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nearest } from "../config/schema/nearest";
import { planAgainst } from "../plan/compare/against";
import type { Difference } from "../plan/compare/difference";
import { digestOf, holdTo } from "../plan/compare/digest";
import { planForUp } from "../automation/enginePlan";
import { liveDifference } from "../plan/live/liveDifference";
import { readPreview } from "../plan/live/preview";
import { evaluate } from "../plan/run/evaluate";
import type { Plan, PlanNode } from "../plan/model";
import { renderDifferenceMarkdown } from "../plan/render/differenceMarkdown";
import { renderDifferenceText } from "../plan/render/differenceText";
import { renderDifferencePage } from "../plan/render/html/differencePage";
import { renderNodePage, renderPlanPage } from "../plan/render/html/planPage";
import { renderMarkdown } from "../plan/render/markdown";
import { renderNodeMarkdown, renderNodeText } from "../plan/render/node";
import { renderText } from "../plan/render/text";
import { findProject, readStackFile } from "../plan/run/stackFiles";
import { GroundworkError } from "../config/groundworkError";
import { approvedIn } from "./approved";
import { EXIT_CODES } from "./exitCodes";
import { onlyStack } from "./onStack";
import { reportError } from "./reportError";
import type { Terminal } from "./terminal";
import { changesOf } from "./watch";

/** The options of `groundwork plan`. */
export interface PlanRequest {
  readonly stack?: string;
  readonly format: "text" | "markdown" | "html" | "json";
  readonly json?: boolean;
  readonly node?: string;
  readonly against?: string;
  /** A file with the engine's preview; `-` for the standard input. */
  readonly live?: string;
  /** A file for the page, beside what is printed. */
  readonly page?: string;
  /** The digest that was approved, or the file of the difference that was, as JSON. */
  readonly expect?: string;
  /** The engine's plan of the same preview, which is made ready for `up`. */
  readonly enginePlan?: string;
  readonly exitCode?: boolean;
  readonly watch?: boolean;
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
  const plan = (directory?: string): Promise<Plan> =>
    evaluate({ project: project.name, stack, ...file, now: new Date(), directory });
  const format = request.json === true ? "json" : request.format;

  // Read first: a preview may take minutes.
  const approved = request.expect === undefined ? undefined : approvedIn(request.expect, terminal);
  const isCompared = request.against !== undefined || request.live !== undefined;
  if (approved !== undefined && !isCompared) {
    throw new GroundworkError("usage", "--expect goes with --live or --against: a plan alone does nothing");
  }
  if (request.enginePlan !== undefined && request.live === undefined) {
    throw new GroundworkError("usage", "--engine-plan goes with --live: write the preview that it was saved with");
  }

  if (!isCompared) {
    // JSON is what revisions are compared by, and a revision does not have the files that are uploaded: it tells their paths alone.
    const made = await plan(format === "json" ? undefined : project.directory);
    terminal.out(
      request.node === undefined ? planText(made, format, terminal) : nodeText(made, request.node, format, terminal),
    );
    if (request.page !== undefined) writePage(request.page, renderPlanPage(made), terminal);
    return EXIT_CODES.ok;
  }
  let made: Promise<Plan> | undefined;
  const now = (): Promise<Plan> => (made ??= plan());
  const base = request.against === undefined ? undefined : await planAgainst(project, stack, request.against, now);
  const all =
    request.live === undefined ? base : liveDifference(readPreview(textOf(request.live, terminal), stack), base);
  if (all === undefined) return EXIT_CODES.ok;
  const difference = request.node === undefined ? all : onlyNode(all, request.node);
  const digest = request.node === undefined ? digestOf(all)?.whole : undefined;
  // The page has a picture of the cluster, which a difference alone does not know.
  const page = async (): Promise<string> => renderDifferencePage(difference, await now());
  terminal.out(format === "html" ? await page() : differenceText(difference, { format, digest, terminal }));
  if (request.page !== undefined) writePage(request.page, await page(), terminal);
  if (approved !== undefined) holdTo(approved, all);
  if (request.enginePlan !== undefined) makeReady(request.enginePlan, terminal);
  return request.exitCode === true && difference.changes.length > 0 ? EXIT_CODES.differences : EXIT_CODES.ok;
}

/**
 * Makes the plan, and again each time that the stack's file or the preview is another one. What is wrong with a file is told, and the next
 * change of it waited for.
 *
 * @returns the exit code of the last one, when the signal ends it.
 */
export async function watchPlan(request: PlanRequest, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (request.live === "-") throw new GroundworkError("usage", "--watch: the standard input ends; write --live FILE");
  const project = findProject(resolve(terminal.cwd, request.cwd ?? "."));
  const stack = request.stack ?? onlyStack(project);
  const { fileName } = readStackFile(project, stack);
  const files = [
    join(project.directory, fileName),
    ...(request.live === undefined ? [] : [resolve(terminal.cwd, request.live)]),
  ];
  const once = async (): Promise<number> => {
    try {
      return await runPlan({ ...request, stack }, terminal);
    } catch (error) {
      return reportError(error, terminal, false);
    }
  };
  const changes = changesOf(files, signal);
  let code = await once();
  for await (const _ of changes) {
    terminal.out(`\n${terminal.paint.faint(`${fileName} changed`)}\n\n`);
    code = await once();
  }
  return code;
}

function writePage(file: string, text: string, { cwd }: Terminal): void {
  try {
    writeFileSync(resolve(cwd, file), text);
  } catch (error) {
    throw new GroundworkError("usage", `--page: cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
}

/** Writes the engine's plan anew as `up` can keep to it; with `--expect`, only one that was approved. */
function makeReady(file: string, { cwd }: Terminal): void {
  const path = resolve(cwd, file);
  try {
    writeFileSync(path, planForUp(readFileSync(path, "utf8")));
  } catch (error) {
    if (GroundworkError.isInstance(error)) {
      throw new GroundworkError("usage", `--engine-plan ${file}: ${error.message}`);
    }
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new GroundworkError("usage", `--engine-plan: cannot read or write ${file}: ${code}`);
  }
}

function textOf(file: string, { cwd }: Terminal): string {
  try {
    return readFileSync(file === "-" ? 0 : resolve(cwd, file), "utf8");
  } catch (error) {
    throw new GroundworkError("usage", `--live: cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
}

function planText(plan: Plan, format: PlanRequest["format"], terminal: Terminal): string {
  if (format === "json") return json(plan);
  if (format === "html") return renderPlanPage(plan);
  return format === "markdown" ? renderMarkdown(plan) : renderText(plan, terminal);
}

function nodeText(plan: Plan, name: string, format: PlanRequest["format"], terminal: Terminal): string {
  const node = findNode(plan, name);
  if (format === "json") return json(node);
  if (format === "html") return renderNodePage(node);
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

interface Shown {
  readonly format: PlanRequest["format"];
  readonly digest: string | undefined;
  readonly terminal: Terminal;
}

function differenceText(difference: Difference, { format, digest, terminal }: Shown): string {
  if (format === "json") return json({ ...difference, digest });
  if (format === "markdown") return renderDifferenceMarkdown(difference);
  const text = renderDifferenceText(difference, terminal);
  // Only what 'up' does is approved.
  const last = difference.view === "live" && digest !== undefined ? terminal.paint.faint(`\nDigest: ${digest}\n`) : "";
  return text + last;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
