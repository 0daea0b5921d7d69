import { GroundworkError } from "../config/groundworkError";
import { kubectlOf, type Kubectl } from "../operate/kubectl";
import { withSite } from "../operate/site";
import { explain, forcible, placeOf } from "../operate/unstick/explain";
import { force } from "../operate/unstick/force";
import type { Stuck } from "../operate/unstick/model";
import { stuckDefinition, stuckNamespace } from "../operate/unstick/read";
import { confirm } from "./confirm";
import { EXIT_CODES } from "./exitCodes";
import { findingsText } from "./findingsText";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork namespace unstick` and `groundwork crd unstick`. */
export interface UnstickRequest extends StackRequest {
  readonly force?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Shows what holds it; with `--force` takes finalizers away. @returns the exit code. */
export async function runUnstick(
  kind: Stuck["kind"],
  name: string,
  request: UnstickRequest,
  terminal: Terminal,
): Promise<number> {
  if (request.json === true && request.force === true) {
    throw new GroundworkError("usage", "--json shows what holds it, and --force asks: take one of them");
  }
  return await withSite(stackOnDisk(request, terminal), terminal.env, async (site) => {
    const kubectl = await kubectlOf(site);
    const stuck = await (kind === "namespace" ? stuckNamespace : stuckDefinition)(kubectl, name);
    const findings = explain(stuck);
    if (request.json === true) {
      terminal.out(`${JSON.stringify({ ...stuck, findings }, undefined, 2)}\n`);
      return EXIT_CODES.differences;
    }
    terminal.out(`${kind} ${name} is being deleted since ${stuck.deletedAt}\n`);
    terminal.out(findingsText(findings, { all: true, terminal }));
    const count = forcible(stuck).length + (stuck.finalizers.length > 0 ? 1 : 0);
    if (request.force === true) return await forced(kubectl, stuck, count, request, terminal);
    if (count > 0) {
      terminal.out(`where there is no other way, --force takes the finalizers of ${objects(count)} away\n`);
    }
    return EXIT_CODES.differences;
  });
}

async function forced(
  kubectl: Kubectl,
  stuck: Stuck,
  count: number,
  { dryRun, yes }: UnstickRequest,
  terminal: Terminal,
): Promise<number> {
  if (count === 0) {
    throw new GroundworkError("failed", "there are no finalizers that could be taken away", {
      remedy: "mend what is named above",
    });
  }
  const list = forcible(stuck).map((held) => `  ${placeOf(held)}: ${held.finalizers.join(", ")}\n`);
  const own = stuck.finalizers.length > 0 ? [`  ${stuck.kind} ${stuck.name}: ${stuck.finalizers.join(", ")}\n`] : [];
  terminal.out(`finalizers that would be taken away:\n${[...list, ...own].join("")}`);
  if (dryRun === true) return EXIT_CODES.differences;
  if (yes !== true && !(await confirm(`Take the finalizers of ${objects(count)} away?`))) {
    terminal.out("nothing was done\n");
    return EXIT_CODES.differences;
  }
  const { released, failed, isGone } = await force(kubectl, stuck, { say: (line) => terminal.out(`${line}\n`) });
  for (const line of failed) terminal.err(`not released: ${line}\n`);
  const said = isGone ? "gone" : "still there: look again in a minute, or mend what else is named above";
  terminal.out(`${objects(released)} released; ${stuck.kind} ${stuck.name} is ${said}\n`);
  return isGone ? EXIT_CODES.ok : failed.length > 0 ? EXIT_CODES.failed : EXIT_CODES.differences;
}

function objects(count: number): string {
  return `${String(count)} object${count === 1 ? "" : "s"}`;
}
