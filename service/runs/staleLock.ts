import { hostname } from "node:os";
import { processIdentity } from "./processIdentity";

/** Who holds a stack's lock, as the engine tells it (pkg/backend/diy/lock.go). */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
}

/** The holders in the words of a `locked` error; a backend that names none gives none. Pure. */
export function lockHolders(message: string): LockHolder[] {
  return [...message.matchAll(/created by [^\s@]*@(\S+) \(pid (\d+)\) at (\S+?)(?=[;\s]|$)/g)].map(
    ([, host = "", pid, since = ""]) => ({ host, pid: Number(pid), since: new Date(since) }),
  );
}

/** A time within which a run of the stack was killed. */
export interface Interruption {
  readonly from: string;
  readonly to: string;
  /** Whether the machine has started since: then no process of that time lives, whoever has its id now. */
  readonly isOfEarlierBoot: boolean;
}

/**
 * Whether each holder is a process of a run that was killed: on this host, taken while such a run was under way, and dead.
 * The process id alone would not do: in another container it is somebody else's.
 */
export function isStale(
  holders: readonly LockHolder[],
  interruptions: readonly Interruption[],
  { host = hostname(), isDead = (pid: number): boolean => processIdentity(pid) === undefined } = {},
): boolean {
  const isDeadSince = ({ pid, since }: LockHolder): boolean =>
    interruptions.some(
      ({ from, to, isOfEarlierBoot }) =>
        // The engine writes whole seconds.
        since.getTime() > new Date(from).getTime() - 1000 && since <= new Date(to) && (isOfEarlierBoot || isDead(pid)),
    );
  return holders.length > 0 && holders.every((holder) => holder.host === host && isDeadSince(holder));
}
