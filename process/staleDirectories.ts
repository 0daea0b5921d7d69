import * as fs from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { isRunning, startTimeOf } from "./processIdentity";

/** Name of the file that tells whose a directory is. */
const OWNER = ".groundwork-owner.json";

/** Whose a temporary directory is: a process, and where its number means something. */
interface Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly place: Place;
}

/** A number stands for one process in one namespace (a container has its own) of one run of one machine. */
interface Place {
  readonly host: string;
  readonly boot: string;
  readonly namespace: string;
}

/** Writes down that a directory is this process's; must be done before anything else is written there. */
export function ownDirectory(directory: string): void {
  const startTime = startTimeOf(process.pid);
  if (startTime === undefined) return;
  const owner: Owner = { pid: process.pid, startTime, place: thisPlace() };
  fs.writeFileSync(path.join(directory, OWNER), JSON.stringify(owner), { mode: 0o600 });
}

/**
 * Removes the directories of this user whose processes have ended and could not remove them: both the process and its
 * keeper were killed, or the machine lost its power. What cannot be judged stays: no owner is written down, or it ran in
 * another container or on another machine.
 */
export function removeStaleDirectories(parent: string, name: RegExp): void {
  for (const entry of entriesOf(parent).filter((each) => name.test(each))) {
    const directory = path.join(parent, entry);
    if (!isOurs(directory)) continue;
    const owner = ownerOf(directory);
    if (owner === undefined || mayRun(owner, thisPlace())) continue;
    try {
      fs.rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // The next one tries again.
    }
  }
}

function mayRun({ pid, startTime, place }: Owner, here: Place): boolean {
  // The machine was started again since, and with it ended all that ran.
  if (place.host === here.host && place.boot !== here.boot) return false;
  if (place.host !== here.host || place.namespace !== here.namespace) return true;
  try {
    return isRunning({ pid, startTime });
  } catch {
    return true;
  }
}

function entriesOf(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

function isOurs(directory: string): boolean {
  try {
    const stat = fs.lstatSync(directory);
    return stat.isDirectory() && stat.uid === process.getuid?.();
  } catch {
    return false;
  }
}

function ownerOf(directory: string): Owner | undefined {
  try {
    const { pid, startTime, place } = JSON.parse(fs.readFileSync(path.join(directory, OWNER), "utf8")) as Owner;
    const texts = [startTime, place.host, place.boot, place.namespace];
    return Number.isSafeInteger(pid) && texts.every((text) => typeof text === "string")
      ? { pid, startTime, place }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Where `ps` tells start times by the clock, on other systems than Linux, these are not needed, and empty. */
function thisPlace(): Place {
  const asked = (read: () => string): string => {
    try {
      return read().trim();
    } catch {
      return "";
    }
  };
  return {
    host: hostname(),
    boot: asked(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    namespace: asked(() => fs.readlinkSync("/proc/self/ns/pid")),
  };
}
