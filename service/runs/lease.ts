import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** How a run is told whether it may go on, where its stack goes to another service when this one is gone. */
export interface Lease {
  /** Until when it may, in {@link machineSeconds}; what renews it writes a later time. */
  readonly until: number;
  /** How long it may then take to end in good order before it is killed. */
  readonly endSeconds: number;
}

/**
 * Seconds since the machine's start: one clock for all of its processes, which nobody sets and which goes on while the machine sleeps
 * (proc(5), uptime).
 */
export function machineSeconds(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
}

/** Always as many bytes, in their old place: a full disk has room for that. */
const LENGTH = 20;

export function writeLease(file: string, until: number): void {
  const descriptor = openSync(file, "r+");
  try {
    writeSync(descriptor, leaseText(until), 0);
  } finally {
    closeSync(descriptor);
  }
}

export function leaseText(until: number): string {
  return until.toFixed(2).padStart(LENGTH, "0");
}

/** Undefined where it cannot be read: who asks goes by what was read before. */
export function readLease(file: string): number | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return /^[\d.]{20}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
