import { COMMENT_LIMIT, fitting, type Part } from "../plan/render/fitting";
import { code, details, inline, markdownTable, shortened } from "../plan/render/markdownParts";
import { markerOf } from "./commentBody";
import type { DriftReport } from "./driftReports";
import { createIssue, openIssues, updateIssue, type Fetch, type Forge } from "./forge";
import { ownOf, withoutReturns } from "./own";

/** Longest text in a cell, in characters. */
const LONGEST_CELL = 300;

export interface IssueContent {
  /** Tells several issues of a repository apart, e.g. `drift`: letters, digits, `-` and `.`. */
  readonly key: string;
  readonly title: string;
  readonly reports: readonly DriftReport[];
  /** Where the run is that looked. */
  readonly runAt?: string | undefined;
}

export interface Issued {
  readonly did: "created" | "updated" | "unchanged" | "closed" | "left";
  /** Undefined where there is no issue. */
  readonly number: number | undefined;
}

/**
 * Keeps one issue open as long as something has drifted: it is found again by a hidden marker and its author among the open ones, put up to
 * date where it stands, and closed when there is no drift any more. What could not be looked at neither opens nor closes one.
 *
 * @param authors By default whom a workflow writes as, and where the forge tells it, whose token it is.
 * @throws GroundworkError when the forge cannot be reached or refuses.
 */
export async function putIssue(
  forge: Forge,
  fetch: Fetch,
  content: IssueContent,
  authors?: readonly string[],
): Promise<Issued> {
  const { key, title, reports } = content;
  const marker = markerOf(key);
  const ours = await ownOf(await openIssues(forge, fetch), { forge, fetch, marker, authors });
  // The oldest is the one; two runs at once may have made another.
  const [found, ...others] = ours.sort((a, b) => a.number - b.number);
  const drifts = reports.some(({ findings }) => findings.length > 0);
  if (found === undefined) {
    if (!drifts) return { did: "left", number: undefined };
    return { did: "created", number: await createIssue(forge, fetch, { title, body: issueBody(content) }) };
  }
  for (const other of others) {
    const body = `${marker}\nThere is an older one: ${inline(title)}, ${found.number}.\n`;
    await updateIssue(forge, fetch, other.number, { body, close: true });
  }
  const isOver = isAllWell(reports);
  const before = withoutReturns(found.body).trim();
  const body = isOver ? overBody(content, before) : issueBody(content);
  if (!isOver && before === body.trim()) return { did: "unchanged", number: found.number };
  await updateIssue(forge, fetch, found.number, { body, close: isOver });
  return { did: isOver ? "closed" : "updated", number: found.number };
}

/** Whether every stack was looked at as a whole, and nothing has drifted. */
export function isAllWell(reports: readonly DriftReport[]): boolean {
  return reports.length > 0 && reports.every(({ findings, unknown }) => findings.length + unknown.length === 0);
}

/** The whole text of an issue: marker, then each stack with what is not as its file says. What does not fit is left out and counted. */
export function issueBody({ key, reports, runAt }: IssueContent, longest: number = COMMENT_LIMIT): string {
  const head = [
    markerOf(key),
    "What was found on the machines is not what the stack files say. `groundwork drift --repair` stamps the nodes, and the next `up` brings",
    "them back; or change the stack file, if what is there is right.",
    "",
  ].join("\n");
  const parts = reports.flatMap(stackParts);
  const foot = runAt === undefined ? "" : `\n<sub>${runAt}</sub>\n`;
  const allOfIt = runAt ?? "the run's own output";
  return fitting(head, parts, { longest: longest - foot.length, allOfIt, what: "stacks" }) + foot;
}

function stackParts({ stack, findings, unknown }: DriftReport): Part[] {
  if (findings.length + unknown.length === 0) return [{ text: `\n### ${code(stack)}\n\nAs its file says.\n` }];
  const rows = findings.map(({ where, message, remedy }) => [where, message, remedy].map(cell));
  const table = rows.length === 0 ? [] : [...markdownTable(["where", "what is so", "what to do"], rows), ""];
  // The text may be anybody's, and is one line.
  const notAsked = unknown.map((line) => `- ${inline(`not compared: ${cell(line)}`)}`);
  const text = [`\n### ${code(stack)}`, "", ...table, ...notAsked, ...(notAsked.length === 0 ? [] : [""])];
  return [{ text: text.join("\n"), brief: `\n### ${code(stack)}\n\n${findings.length} findings.\n` }];
}

function cell(text: string): string {
  return shortened(text, LONGEST_CELL);
}

function overBody({ key, runAt }: IssueContent, before: string): string {
  const marker = markerOf(key);
  const head = `${marker}\nNo drift any more: everything was found as the stack files say${runAt === undefined ? "" : `, ${runAt}`}.\n`;
  const whole = `${head}\n${details("What had drifted", [before.slice(marker.length).trim()])}`;
  return whole.length <= COMMENT_LIMIT ? whole : head;
}
