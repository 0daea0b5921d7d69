import { z } from "zod";
import { filesIn, LONGEST_TEXT, type ReportFile } from "./reports";

/** What a look at one stack's machines came to. */
export interface DriftReport {
  readonly stack: string;
  /** What is not as the stack file says. */
  readonly findings: readonly DriftFinding[];
  /** What was not looked at, a line each: then nobody knows whether it is as the stack file says. */
  readonly unknown: readonly string[];
}

export interface DriftFinding {
  /** A node or a release; empty for the cluster as a whole. */
  readonly where: string;
  readonly message: string;
  readonly remedy: string;
}

/** As `groundwork drift --json` writes it; lines of files are not taken over, they may hold what is nobody else's business. */
const DRIFT = z.looseObject({
  findings: z.array(z.looseObject({ where: z.string().optional(), message: z.string(), remedy: z.string() })),
  notAsked: z.array(z.looseObject({ node: z.string(), why: z.string() })),
  api: z.string().nullable(),
});

/**
 * The reports in a directory, by name: `<stack>.json` as `drift --json` writes it, or a `<stack>.txt` with the reason why there is none.
 *
 * @throws Error when the directory cannot be read.
 */
export function readDriftReports(directory: string): DriftReport[] {
  return filesIn(directory).map(reportOf);
}

function reportOf({ name, text }: ReportFile): DriftReport {
  const stack = name.replace(/\.[^.]*$/, "");
  const unread = (why: string): DriftReport => ({ stack, findings: [], unknown: [why] });
  if (text === undefined) return unread(`${name} is too large`);
  if (name.endsWith(".txt")) {
    const reason = text.trim().slice(0, LONGEST_TEXT);
    return unread(reason === "" ? `${name} is empty` : reason);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return unread(`${name} is not JSON`);
  }
  const read = DRIFT.safeParse(data);
  if (!read.success) return unread(`${name} is not as 'groundwork drift --json' writes it`);
  const { findings, notAsked, api } = read.data;
  return {
    stack,
    findings: findings.map(({ where = "", message, remedy }) => ({ where, message, remedy })),
    unknown: [...notAsked.map(({ node, why }) => `${node}: ${why}`), ...(api === null ? [] : [`the API: ${api}`])],
  };
}
