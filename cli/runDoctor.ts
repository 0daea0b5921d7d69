import { diagnose, type Diagnosis } from "../operate/doctor/doctor";
import { hasErrors, type Finding } from "../operate/finding";
import { withSite } from "../operate/site";
import { indent, wrap } from "../plan/render/layout";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import { patiently } from "./patience";
import type { Terminal } from "./terminal";

/** The options of `groundwork doctor`. */
export interface DoctorRequest extends StackRequest {
  readonly json?: true;
  readonly strict?: true;
  readonly quiet?: true;
}

/**
 * Looks, and prints.
 *
 * @returns the exit code.
 * @throws GroundworkError
 */
export async function runDoctor(request: DoctorRequest, terminal: Terminal): Promise<number> {
  const file = stackOnDisk(request, terminal);
  const { env } = terminal;
  const all = await withSite(file, env, (site) =>
    patiently(terminal, site.hosts, "looking", ({ answered }) =>
      diagnose(site, { file, env, now: new Date(), answered }),
    ),
  );
  const { findings, unchecked } = all;
  terminal.out(
    request.json === true
      ? `${JSON.stringify({ stack: file.stack, findings, unchecked }, undefined, 2)}\n`
      : doctorText(all, request.quiet === true, terminal),
  );
  const isWell =
    !hasErrors(findings) && !(request.strict === true && findings.some(({ level }) => level === "warning"));
  return isWell ? EXIT_CODES.ok : EXIT_CODES.failed;
}

/** Errors first, then warnings, then what is well. */
const ORDER = ["error", "warning", "ok"] as const;
const INDENT = 4;
const SIGNS = { error: "✗", warning: "!", ok: "✓" } as const;

/** The diagnosis for people. */
export function doctorText(
  { findings, unchecked }: Diagnosis,
  isQuiet: boolean,
  terminal: Pick<Terminal, "paint" | "width">,
): string {
  const { paint, width } = terminal;
  const paints = { error: paint.removed, warning: paint.warning, ok: (text: string) => text };
  const lines = ORDER.filter((level) => level !== "ok" || !isQuiet).flatMap((level) =>
    findings
      .filter((finding) => finding.level === level)
      .flatMap((finding) => [
        ...hanging(`${SIGNS[level]} ${subject(finding)}`, finding.message, width).map(paints[level]),
        ...(finding.remedy === "" ? [] : indented(`→ ${finding.remedy}`, width).map(paint.faint)),
      ]),
  );
  const notes = unchecked.map((text) => paint.faint(`? not looked at: ${text}`));
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const sum = `${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}, ${String(count("ok"))} ok`;
  return [...lines, ...(isQuiet ? [] : notes), ...(isQuiet && lines.length === 0 ? [] : [sum]), ""].join("\n");
}

function subject({ check, where }: Finding): string {
  return where === undefined ? `${check}:` : `${check} ${where}:`;
}

/** The first line as wide as it may be, and what follows under its text. */
function hanging(label: string, text: string, width: number): string[] {
  const [first = "", ...rest] = wrap(`${label} ${text}`, width);
  return rest.length === 0 ? [first] : [first, ...indented(rest.join(" "), width)];
}

function indented(text: string, width: number): string[] {
  return indent(wrap(text, width - INDENT), INDENT);
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
