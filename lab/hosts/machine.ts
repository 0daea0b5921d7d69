import { readFileSync } from "node:fs";

/** Whether this machine is Debian or made from it, and the lab runs as root: then packages can be installed. */
export function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && isDebian(readOsRelease());
}

/** Whether an os-release file is Debian's or one of its children's. */
export function isDebian(osRelease: string): boolean {
  return /^ID(_LIKE)?="?([a-z ]*\s)?debian(\s[a-z ]*)?"?$/m.test(osRelease);
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
