import type { Command } from "commander";
import * as path from "node:path";
import { z } from "zod";
import { GroundworkError } from "../config/groundworkError";
import { isAllWell, issueBody, putIssue, type IssueContent } from "../pullRequest/driftIssue";
import { readDriftReports, type DriftReport } from "../pullRequest/driftReports";
import { checkAddress, forgeOf, onForge, saying, TOKEN_HELP, type ForgeRequest } from "./onForge";
import type { VerbContext } from "./verb";
import type { Terminal } from "./terminal";

const DESCRIPTION = [
  "Keep one issue about drift: opened when something has drifted, updated in place while it lasts, closed when it is gone.",
  "Reads a directory with one <stack>.json for each stack, as 'drift --json' writes it, or a <stack>.txt with the reason why there is " +
    "none. What could not be looked at neither opens nor closes an issue.",
  "The issue is found again among the open ones by a hidden marker and its author, through all pages.",
].join("\n\n");

const HELP_END = `
${TOKEN_HELP}

Examples:
  groundwork drift --stack prod --json > drift/prod.json
  groundwork issue --reports drift
  groundwork issue --reports drift --dry-run
`;

interface IssueRequest extends ForgeRequest {
  readonly reports?: string;
  readonly key: string;
  readonly title: string;
  readonly stacks?: string;
  readonly runAt?: string;
  readonly dryRun?: boolean;
}

/** `groundwork issue`. */
export function addIssue(program: Command, { terminal }: VerbContext): void {
  const command = program
    .command("issue")
    .summary("keep one issue about drift")
    .description(DESCRIPTION)
    .option("-r, --reports <directory>", "the directory with one <stack>.json for each stack");
  onForge(command, "issues")
    .option("--key <key>", "tells several such issues of a repository apart", "drift")
    .option("--title <text>", "the issue's title, when it is opened", "Drift: machines are not as the stack files say")
    .option(
      "--stacks <list>",
      "the stacks that were to be compared, as a list in JSON: one without a report was not looked at",
    )
    .option("--run-at <url>", "where the run is that looked")
    .option("--dry-run", "print the issue and send nothing")
    .addHelpText("after", HELP_END)
    .allowExcessArguments(false)
    .action((request: IssueRequest) => saying("issue", () => issue(request, terminal)));
}

async function issue(request: IssueRequest, terminal: Terminal): Promise<void> {
  const { key, title, runAt } = request;
  checkAddress("--run-at", runAt);
  if (request.reports === undefined) {
    throw new GroundworkError("usage", "write --reports, the directory of what 'groundwork drift --json' wrote");
  }
  const found = reportsIn(path.resolve(terminal.cwd, request.reports));
  const reports = [...found, ...missing(found, request.stacks)];
  if (reports.length === 0) {
    throw new GroundworkError(
      "usage",
      `--reports: ${request.reports} has no <stack>.json of 'groundwork drift --json'`,
    );
  }
  const content: IssueContent = { key, title, reports, runAt };
  if (request.dryRun === true) {
    terminal.out(isAllWell(reports) ? "issue: there is no drift, and so no issue\n" : `${issueBody(content)}\n`);
    return;
  }
  const forge = forgeOf(request, terminal.env);
  const { did, number } = await putIssue(forge, fetch, content, request.author);
  terminal.out(
    number === undefined
      ? `issue: none is open in ${forge.repository}, and there is no drift to open one for\n`
      : `issue: ${did} issue ${number} of ${forge.repository}\n`,
  );
}

/** Those of which there is no report, because their job did not come to its end. */
function missing(found: readonly DriftReport[], list: string | undefined): DriftReport[] {
  if (list === undefined) return [];
  const names = namesIn(list);
  if (names === undefined) throw new GroundworkError("usage", `--stacks: write a list in JSON, e.g. ["dev", "prod"]`);
  return names
    .filter((name) => !found.some(({ stack }) => stack === name))
    .map((stack) => ({ stack, findings: [], unknown: ["no report was made: see the run"] }));
}

function namesIn(list: string): string[] | undefined {
  try {
    return z.array(z.string()).parse(JSON.parse(list));
  } catch {
    return undefined;
  }
}

function reportsIn(directory: string): DriftReport[] {
  try {
    return readDriftReports(directory);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    throw new GroundworkError("usage", `--reports: cannot read ${directory}: ${why}`);
  }
}
