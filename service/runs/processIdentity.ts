import { readdirSync, readFileSync } from "node:fs";

/** A process, told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine's start (`starttime`, proc(5)). */
  readonly startTicks: string;
  /** Which start of the machine that was: ticks of two starts may be the same. */
  readonly bootId: string;
}

/** Undefined when there is no such process (any more). A zombie is none: it has ended and does nothing. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const identity = processIdentity(process.pid);
  if (identity === undefined) throw new Error("/proc has no entry of this process");
  return identity;
}

/** Whether the machine has not started again since that process began. */
export function isOfThisBoot(known: ProcessIdentity): boolean {
  return bootId() === known.bootId;
}

/** Whether this very process still runs. */
export function isAlive(known: ProcessIdentity): boolean {
  return isOfThisBoot(known) && statOf(known.pid)?.startTicks === known.startTicks;
}

/**
 * The processes of a session whose leader is known, itself included: what it has started ends up there, and stays when it is
 * killed. A kernel gives nobody the id of a session that still has processes.
 */
export function sessionOf(leader: ProcessIdentity): number[] {
  if (!isOfThisBoot(leader)) return [];
  const successor = statOf(leader.pid);
  if (successor !== undefined && successor.startTicks !== leader.startTicks) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.session === leader.pid);
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function statOf(pid: number): { readonly startTicks: string; readonly session: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    // ESRCH: it ended between the opening and the reading.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  // The program's name stands in brackets and may have blanks and brackets itself; the third field comes after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, session, startTicks] = [fields[0], fields[3], fields[19]];
  if (state === "Z" || state === "X" || startTicks === undefined) return undefined;
  return { startTicks, session: Number(session) };
}
