import type { Finding } from "../finding";
import type { Host } from "../host";

/** One reading of a host's clock. */
export interface ClockReading {
  readonly name: string;
  /** Seconds that it is ahead of this machine's. */
  readonly ahead: number;
  /** By how much that may be wrong, in seconds: half of the round trip. */
  readonly within: number;
}

/** Reads a host's clock once, corrected by the round trip; undefined where it does not tell. */
export async function readClock(host: Host, now: () => number = Date.now): Promise<ClockReading | undefined> {
  const sent = now();
  const { stdout } = await host.run("date +%s.%N");
  const back = now();
  const there = Number.parseFloat(stdout);
  if (Number.isNaN(there)) return undefined;
  return { name: host.name, ahead: there - (sent + back) / 2000, within: (back - sent) / 2000 };
}

/** etcd tells of a peer whose clock is further off than this (server/etcdserver/api/rafthttp/probing_status.go). */
const ETCD_SECONDS = 1;
/** From here on certificates are not valid yet, or any more; `up` refuses to join such a node. */
const MOST_SECONDS = 60;

/** Tells whose clock is off: compared with the host that is nearest to all others and, of two, to this machine. */
export function clockFindings(readings: readonly ClockReading[]): Finding[] {
  const [reference] = [...readings].sort((a, b) => {
    const nearer = distance(a, readings) - distance(b, readings);
    return nearer === 0 ? Math.abs(a.ahead) - Math.abs(b.ahead) : nearer;
  });
  if (reference === undefined || readings.length < 2) return [];
  const off = readings.flatMap((reading): Finding[] => {
    const skew = reading.ahead - reference.ahead;
    const certain = Math.abs(skew) - reading.within - reference.within;
    if (certain <= ETCD_SECONDS) return [];
    return [
      {
        check: "clock",
        where: reading.name,
        level: certain > MOST_SECONDS ? "error" : "warning",
        message: `its clock is ${duration(Math.abs(skew))} ${skew > 0 ? "ahead of" : "behind"} ${reference.name}'s`,
        remedy: "turn on time synchronisation ('timedatectl set-ntp true'), and see that it reaches its time servers",
      },
    ];
  });
  if (off.length > 0) return off;
  const all = readings.map(({ ahead }) => ahead);
  const message = `the clocks of ${readings.length} hosts agree to ${(Math.max(...all) - Math.min(...all)).toFixed(1)} s`;
  return [{ check: "clock", where: undefined, level: "ok", message, remedy: "" }];
}

function distance(from: ClockReading, all: readonly ClockReading[]): number {
  // In whole seconds, so that the round trips do not decide.
  return all.reduce((sum, { ahead }) => sum + Math.round(Math.abs(ahead - from.ahead)), 0);
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${(minutes - rest) / 60} h ${rest} min`;
}
