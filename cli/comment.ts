import type { Command } from "commander";
import * as path from "node:path";
import { foldComment, putComment, pullRequestOf, type Head } from "../pullRequest/comment";
import { commentBody, type CommentContent } from "../pullRequest/commentBody";
import type { Forge } from "../pullRequest/forge";
import { requestWord } from "../pullRequest/http";
import { readReports, type StackReport } from "../pullRequest/reports";
import { GroundworkError } from "../config/groundworkError";
import { checkAddress, forgeOf, onForge, saying, TOKEN_HELP, type ForgeRequest } from "./onForge";
import type { VerbContext } from "./verb";
import type { Terminal } from "./terminal";

const DESCRIPTION = [
  "Put the plan's differences on a pull request, as one comment that is updated in place.",
  "Reads a directory with one <stack>.json for each stack, as 'plan --against --format json' writes them, or a " +
    "<stack>.txt with the reason why there is none. They may come from a pull request's own code: they are shown as " +
    "text, and nothing in them is run or followed.",
  "The comment is found again by a hidden marker, through all pages; when it would be too long, whole changes are " +
    "left out and counted.",
].join("\n\n");

const HELP_END = `
${TOKEN_HELP}

Examples:
  groundwork comment --reports out --pull-request 7
  groundwork comment --reports out --head-owner somebody --head-branch add-node --head-sha 1a2b3c…
  groundwork comment --reports out --dry-run
  groundwork comment --pull-request 7 --outdated 'the run of 1a2b3c made no plan'
`;

interface CommentRequest extends ForgeRequest {
  readonly reports?: string;
  readonly outdated?: string;
  readonly pullRequest?: string;
  readonly headOwner?: string;
  readonly headBranch?: string;
  readonly headSha?: string;
  readonly key: string;
  readonly title: string;
  readonly fullTextAt?: string;
  readonly pagesAt?: string;
  readonly revisions?: string;
  readonly dryRun?: boolean;
}

/** `groundwork comment`. */
export function addComment(program: Command, { terminal }: VerbContext): void {
  const command = program
    .command("comment")
    .summary("put the plan's differences on a pull request")
    .description(DESCRIPTION)
    .option("-r, --reports <directory>", "the directory with one <stack>.json for each stack")
    .option(
      "--outdated <why>",
      "instead of reports: fold the comment that is there, because it is about another commit",
    )
    .option("-p, --pull-request <number>", "the pull request")
    .option("--head-owner <owner>", "instead of its number: whose repository its head is in,")
    .option("--head-branch <branch>", "the head's branch,")
    .option("--head-sha <sha>", "and the head's commit; no comment when it is not the head any more");
  onForge(command, "comments")
    .option("--key <key>", "tells several comments of a pull request apart", "plan")
    .option("--title <text>", "the comment's heading", "What this changes in the clusters")
    .option("--full-text-at <url>", "where all of it is found when the comment is too short for it")
    .option("--pages-at <url>", "where the pages of 'plan --format html' are found, such as the artifacts of the run")
    .option("--revisions <text>", "a last line: the revisions that were compared")
    .option("--dry-run", "print the comment and send nothing")
    .addHelpText("after", HELP_END)
    .allowExcessArguments(false)
    .action((request: CommentRequest) => saying("comment", () => comment(request, terminal)));
}

async function comment(request: CommentRequest, terminal: Terminal): Promise<void> {
  if (request.outdated !== undefined) {
    await fold(request.outdated, request, terminal);
    return;
  }
  if (request.reports === undefined) throw new GroundworkError("usage", "write --reports, or --outdated with a reason");
  const reports = reportsIn(path.resolve(terminal.cwd, request.reports));
  const { key, title, fullTextAt, pagesAt, revisions } = request;
  checkAddress("--full-text-at", fullTextAt);
  checkAddress("--pages-at", pagesAt);
  await write({ key, title, reports, fullTextAt, pagesAt, revisions }, request, terminal);
  // The comment says it as well, beside the other stacks.
  const problems = reports.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new GroundworkError("failed", `comment: ${problems.join("; ")}`);
}

async function write(content: CommentContent, request: CommentRequest, terminal: Terminal): Promise<void> {
  if (request.dryRun === true) {
    terminal.out(`${commentBody(content)}\n`);
    return;
  }
  const forge = forgeOf(request, terminal.env);
  const number = await openPullRequest(request, forge, terminal);
  if (number === undefined) return;
  const { did, id } = await putComment(forge, fetch, number, content, request.author);
  terminal.out(`comment: ${did} comment ${id} on ${requestWord(forge)} ${number} of ${forge.repository}\n`);
}

async function fold(why: string, request: CommentRequest, terminal: Terminal): Promise<void> {
  const forge = forgeOf(request, terminal.env);
  const number = await openPullRequest(request, forge, terminal);
  if (number === undefined) return;
  const posted = await foldComment(forge, fetch, number, { key: request.key, why, authors: request.author });
  const where = `${requestWord(forge)} ${number} of ${forge.repository}`;
  terminal.out(
    posted === undefined
      ? `comment: there is none on ${where}\n`
      : `comment: ${posted.did} comment ${posted.id} on ${where}\n`,
  );
}

async function openPullRequest(request: CommentRequest, forge: Forge, terminal: Terminal): Promise<number | undefined> {
  const number = await pullRequestNumber(request, forge, terminal.env);
  if (number === undefined) {
    const none = `no open ${requestWord(forge)} has this commit as its head any more`;
    terminal.out(`comment: ${none}; nothing was written\n`);
  }
  return number;
}

function reportsIn(directory: string): StackReport[] {
  try {
    return readReports(directory);
  } catch (error) {
    throw new GroundworkError(
      "usage",
      `--reports: cannot read ${directory}: ${(error as NodeJS.ErrnoException).code ?? ""}`,
    );
  }
}

async function pullRequestNumber(
  request: CommentRequest,
  forge: Forge,
  env: Terminal["env"],
): Promise<number | undefined> {
  const { headOwner: owner, headBranch: branch, headSha: sha } = request;
  const ofPipeline = forge.kind === "gitlab" && sha === undefined ? env["CI_MERGE_REQUEST_IID"] : undefined;
  const pullRequest = request.pullRequest ?? ofPipeline;
  if (pullRequest !== undefined) {
    if (!/^[1-9]\d{0,9}$/.test(pullRequest)) {
      throw new GroundworkError("usage", "--pull-request: write its number, e.g. 7");
    }
    return Number(pullRequest);
  }
  if (owner === undefined || branch === undefined || sha === undefined) {
    throw new GroundworkError("usage", "write --pull-request, or --head-owner, --head-branch and --head-sha together");
  }
  const head: Head = { owner, branch, sha };
  return pullRequestOf(forge, fetch, head);
}
