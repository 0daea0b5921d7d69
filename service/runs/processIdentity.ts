import { readdirSync, readFileSync } from "node:fs";
import { isRunning, startTimeOf, statOf, type ProcessIdentity as OfThisBoot } from "../../process/processIdentity";

/** A process, told apart from every other one that the machine has had, before it started again too. */
export interface ProcessIdentity extends OfThisBoot {
  /** Which start of the machine that was: start times of two may be the same. */
  readonly bootId: string;
}

/** Undefined when there is no such process (any more). A zombie is none: it has ended and does nothing. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
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
  return isOfThisBoot(known) && isRunning(known);
}

/**
 * The processes of a session whose leader is known, itself included: what it has started ends up there, and stays when it is
 * killed. A kernel gives nobody the id of a session that still has processes.
 */
export function sessionOf(leader: ProcessIdentity): number[] {
  if (!isOfThisBoot(leader)) return [];
  const successor = startTimeOf(leader.pid);
  if (successor !== undefined && successor !== leader.startTime) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.session === leader.pid);
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
