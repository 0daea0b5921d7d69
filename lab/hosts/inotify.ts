import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { Progress } from "../progress";

const LIMIT = "/proc/sys/fs/inotify/max_user_instances";
/** What a booted host holds (systemd 5, logind 1, dbus 1), and k3s on it. */
const INSTANCES_A_HOST = 14;
const USUAL_RAISE = 1024;

/**
 * All containers share the machine's limit of inotify instances, 128 on most distributions: enough for about 15 hosts.
 * As root the lab raises it, and says so; it falls back with the next boot. Where the lab may not, a host that does not
 * come up says why (see `waitForBoot`).
 */
export function raiseInotifyLimit(hosts: number, progress: Progress): void {
  const limit = readLimit();
  if (limit === undefined || process.getuid?.() !== 0) return;
  const wanted = limitFor(hosts, limit, instancesInUse());
  if (wanted === limit) return;
  try {
    writeFileSync(LIMIT, String(wanted));
  } catch {
    return;
  }
  progress.note(
    `  raised the machine's fs.inotify.max_user_instances from ${String(limit)} to ${String(wanted)}, until its next boot: every host needs some`,
  );
}

/** The limit for so many new hosts beside what is in use; the present one where that is enough. */
export function limitFor(hosts: number, limit: number, inUse: number): number {
  const needed = inUse + hosts * INSTANCES_A_HOST;
  return needed <= limit ? limit : Math.max(USUAL_RAISE, needed * 2);
}

function readLimit(): number | undefined {
  try {
    return Number(readFileSync(LIMIT, "utf8"));
  } catch {
    return undefined;
  }
}

function instancesInUse(): number {
  let count = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`)) {
        if (readlinkSync(`/proc/${pid}/fd/${file}`) === "anon_inode:inotify") count++;
      }
    } catch {
      // The process, or the file, is gone meanwhile.
    }
  }
  return count;
}
