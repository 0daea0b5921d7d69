import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process, told apart from a later one with the same number by the time it was started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * When a process was started, as the machine tells it: on Linux in clock ticks since boot (proc(5), field 22 of stat),
 * elsewhere as `ps` prints it. Undefined when there is no such process.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return startTimeInStat(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; a zombie (state Z) has ended. The second field may hold spaces and parentheses. */
export function startTimeInStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const startTime = startTimeOf(identity.pid);
  return startTime !== undefined && startTime === identity.startTime;
}
