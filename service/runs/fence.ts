import { parentPort, workerData } from "node:worker_threads";
import { machineSeconds, readLease } from "./lease";
import { ownIdentity, sessionOf } from "./processIdentity";

/** What the fence of a run is told. */
export interface FenceData {
  readonly leaseFile: string;
  readonly until: number;
  readonly endSeconds: number;
}

const LOOK_MS = 100;

/**
 * The thread that ends a run whose lease has run out: it says so, and kills the run's whole session some time later. In a thread of
 * its own, a program that keeps the run's process busy does not keep it from that.
 */
function main({ leaseFile, until: first, endSeconds }: FenceData): void {
  let until = first;
  let isTold = false;
  setInterval(() => {
    // A lease that has run out stays so: whoever comes back with a new one is too late.
    if (!isTold) until = readLease(leaseFile) ?? until;
    const over = machineSeconds() - until;
    if (over > 0 && !isTold) {
      isTold = true;
      parentPort?.postMessage("expired");
    }
    if (over > endSeconds) {
      const own = ownIdentity();
      for (const pid of sessionOf(own).filter((each) => each !== own.pid)) kill(pid);
      kill(own.pid);
    }
  }, LOOK_MS);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}

main(workerData as FenceData);
