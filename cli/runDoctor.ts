import { diagnose, type Diagnosis } from "../operate/doctor/doctor";
import { hasErrors } from "../operate/finding";
import { withSite } from "../operate/site";
import { EXIT_CODES } from "./exitCodes";
import { findingsText } from "./findingsText";
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

/** The diagnosis for people; quietly, nothing where all is well. */
export function doctorText(
  { findings, unchecked }: Diagnosis,
  isQuiet: boolean,
  terminal: Pick<Terminal, "paint" | "width">,
): string {
  if (!isQuiet) return findingsText(findings, { all: true, unchecked, terminal });
  const unwell = findings.filter(({ level }) => level !== "ok");
  return unwell.length === 0 ? "" : findingsText(findings, { all: false, terminal });
}
