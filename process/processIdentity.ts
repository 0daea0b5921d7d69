import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process, told apart from a later one with the same number by the time it was started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** What Linux tells of a process that runs (proc(5), stat). */
interface Stat {
  /** In clock ticks since the machine's start. */
  readonly startTime: string;
  readonly session: number;
}

/**
 * When a process was started, as the machine tells it: on Linux in clock ticks since boot, elsewhere as `ps` prints it.
 *
 * @returns undefined when there is no such process.
 * @throws what the system says where it cannot be asked: a process that nobody could look at may run.
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") return statOf(pid)?.startTime;
  const { status, stdout, error } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  if (error !== undefined) throw error;
  const text = stdout.trim();
  return status !== 0 || text === "" ? undefined : text;
}

/** Undefined when there is no such process; on Linux only. */
export function statOf(pid: number): Stat | undefined {
  try {
    return statIn(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch (error) {
    // ESRCH: it ended between the opening and the reading.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** The content of /proc/PID/stat; a zombie (state Z) has ended. The second field may hold spaces and parentheses. */
export function statIn(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", session, startTime] = [fields[0], fields[3], fields[19]];
  return "ZX".includes(state) || startTime === undefined ? undefined : { startTime, session: Number(session) };
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const startTime = startTimeOf(identity.pid);
  return startTime !== undefined && startTime === identity.startTime;
}
