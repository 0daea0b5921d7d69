import type { Finding } from "../operate/finding";
import { indent, wrap } from "../plan/render/layout";
import type { Terminal } from "./terminal";

export interface FindingsTextOptions {
  /** Whether what is right is shown too. */
  readonly all: boolean;
  readonly terminal: Pick<Terminal, "paint" | "width">;
  /** What was not looked at, a line each. */
  readonly unchecked?: readonly string[];
}

/** How many places are named where many have the same finding. */
const MOST_PLACES = 6;
/** Errors first, then warnings, then what is well. */
const ORDER = ["error", "warning", "ok"] as const;
const SIGNS = { error: "✗", warning: "!", ok: "✓" } as const;
const INDENT = 4;

/** Findings for people, of whatever verb: what is wrong first, each once with all places that have it, and how many there are. */
export function findingsText(findings: readonly Finding[], options: FindingsTextOptions): string {
  const { all, terminal, unchecked = [] } = options;
  const shown = grouped(findings.filter((finding) => all || finding.level !== "ok" || finding.lowered !== undefined));
  const lines = ORDER.flatMap((level) =>
    shown.filter(({ finding }) => finding.level === level).flatMap((group) => groupLines(group, terminal)),
  );
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  return [
    ...lines,
    ...unchecked.map((text) => terminal.paint.faint(`? not looked at: ${text}`)),
    `${many(count("error"), "error")}, ${many(count("warning"), "warning")}, ${count("ok")} ok`,
    "",
  ].join("\n");
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
  const paints = { error: paint.removed, warning: paint.warning, ok: (text: string) => text };
  const subject = places.length === 0 ? check : `${check} ${placesText(places)}`;
  const [first = "", ...rest] = wrap(`${SIGNS[level]} ${subject}: ${message}`, width);
  const below = (text: string): string[] => indent(wrap(text, width - INDENT), INDENT);
  return [
    ...[first, ...(rest.length === 0 ? [] : below(rest.join(" ")))].map(paints[level]),
    ...(remedy === "" || level === "ok" ? [] : below(`→ ${remedy}`).map(paint.faint)),
    ...(lowered === undefined ? [] : below(`lowered by preflight.lower.${check}: ${lowered}`).map(paint.faint)),
  ];
}

function placesText(places: readonly string[]): string {
  const named = places.slice(0, MOST_PLACES).join(", ");
  return places.length <= MOST_PLACES ? named : `${named} and ${places.length - MOST_PLACES} more`;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
