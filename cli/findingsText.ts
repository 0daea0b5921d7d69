import type { Finding } from "../operate/finding";
import { wrap } from "../plan/render/layout";
import type { Paint } from "../plan/render/paint";
import type { Terminal } from "./terminal";

export interface FindingsTextOptions {
  /** Whether what is right is shown too. */
  readonly all: boolean;
  readonly terminal: Pick<Terminal, "paint" | "width">;
}

/** How many places are named where many have the same finding. */
const MOST_PLACES = 6;

/** Findings for people: what is wrong first, each once with all places that have it, and how much was right. */
export function findingsText(findings: readonly Finding[], { all, terminal }: FindingsTextOptions): string {
  const shown = grouped(findings.filter((finding) => all || finding.level !== "ok" || finding.lowered !== undefined));
  const rank = { error: 0, warning: 1, ok: 2 } as const;
  const lines = shown
    .sort((a, b) => rank[a.finding.level] - rank[b.finding.level])
    .flatMap((group) => [...groupLines(group, terminal), ...(group.finding.level === "ok" ? [] : [""])]);
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const total = [many(count("error"), "error"), many(count("warning"), "warning"), `${count("ok")} right`].join(", ");
  const last = lines.at(-1);
  return [...lines, ...(last === undefined || last === "" ? [] : [""]), total, ""].join("\n");
}

interface Group {
  readonly finding: Finding;
  readonly places: readonly string[];
}

/** One group for all findings that differ in nothing but their place. */
function grouped(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, { finding: Finding; places: string[] }>();
  for (const finding of findings) {
    const { check, level, message, remedy, lowered = "", where } = finding;
    const key = JSON.stringify([check, level, message, remedy, lowered]);
    const group = groups.get(key) ?? { finding, places: [] };
    groups.set(key, group);
    if (where !== undefined) group.places.push(where);
  }
  return [...groups.values()];
}

function groupLines({ finding, places }: Group, { paint, width }: FindingsTextOptions["terminal"]): string[] {
  const { check, level, message, remedy, lowered } = finding;
  const where = placesText(places);
  const head = `${levelText(level, paint)} ${where === "" ? "" : `${where}: `}${message} ${paint.faint(`[${check}]`)}`;
  const below = (text: string): string[] => wrap(text, width - 10).map((line) => `${" ".repeat(8)}${line}`);
  const [first = "", ...rest] = wrap(head, width - 8);
  return [
    first,
    ...rest.map((line) => `${" ".repeat(8)}${line}`),
    ...(remedy === "" || level === "ok" ? [] : below(remedy)),
    ...(lowered === undefined ? [] : below(`lowered by preflight.lower.${check}: ${lowered}`)),
  ];
}

function placesText(places: readonly string[]): string {
  const named = places.slice(0, MOST_PLACES).join(", ");
  return places.length <= MOST_PLACES ? named : `${named} and ${places.length - MOST_PLACES} more`;
}

function levelText(level: Finding["level"], paint: Paint): string {
  if (level === "error") return paint.removed("error  ");
  return level === "warning" ? paint.warning("warning") : paint.added("ok     ");
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
