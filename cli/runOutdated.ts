import { loadSettings } from "../config/read/load";
import { stackFileSource } from "../config/read/stackFile";
import { desiredStack } from "../desired/cluster";
import type { Freshness } from "../operate/outdated/judge";
import { outdated } from "../operate/outdated/outdated";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork outdated`. */
export interface OutdatedRequest extends StackRequest {
  readonly json?: boolean;
  readonly exitCode?: boolean;
  readonly channels: string;
}

/**
 * Lists what is newer, and what could not be asked.
 *
 * @returns the exit code: 1 where a list could not be read.
 * @throws GroundworkError
 */
export async function runOutdated(
  { json, exitCode, channels, ...request }: OutdatedRequest,
  terminal: Terminal,
  get: typeof fetch = fetch,
): Promise<number> {
  const { project, stack, fileName, text } = stackOnDisk(request, terminal);
  const settings = loadSettings({ ...stackFileSource(text, fileName, () => undefined), now: new Date() }, stack);
  const found = await outdated(settings, desiredStack(settings, project), { channels, get });
  terminal.out(json === true ? `${JSON.stringify(found, undefined, 2)}\n` : outdatedText(found));
  if (found.some(({ failed }) => failed)) return EXIT_CODES.failed;
  return exitCode === true && found.some(({ next }) => next !== undefined) ? EXIT_CODES.differences : EXIT_CODES.ok;
}

function outdatedText(found: readonly Freshness[]): string {
  if (found.length === 0) return "nothing in this stack has a version\n";
  const rows = found.map((one) => ({ ...one, to: to(one) }));
  const width = (of: (row: (typeof rows)[number]) => string): number => Math.max(...rows.map((row) => of(row).length));
  const [names, installed, tos] = [width((row) => row.name), width((row) => row.installed), width((row) => row.to)];
  const lines = rows.map((row) => {
    const notes = [...row.notes, ...(row.next === undefined ? [] : [`write it at ${row.setting}`])].join("; ");
    return `${row.name.padEnd(names)}  ${row.installed.padEnd(installed)}  ${row.to.padEnd(tos)}  ${notes}`.trimEnd();
  });
  return `${lines.join("\n")}\n`;
}

function to({ next, newest, failed }: Freshness): string {
  if (failed) return "not known";
  return next === undefined ? (newest === undefined ? "" : "newest") : `→ ${next}`;
}
