import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * The programs that a sandbox has: those that the host program may use, and no other, so that a script which needs one more
 * fails here and not on somebody's machine. Each goes through the gate that counts and disturbs.
 */

/** The machine's own programs. */
const REAL = (
  "ls awk sed grep cut tr sort uniq head tail wc cat cp mv rm rmdir ln mkdir mktemp chmod chown stat readlink sync id uname find " +
  "sha256sum cmp dd timeout kill ps pgrep mount umount basename dirname touch env hostname sh tee xargs base64 od openssl"
).split(" ");

/** Programs without which there is no sandbox, or that the sandbox itself uses. */
const NEEDED = [
  "dash",
  "bash",
  "setsid",
  "date",
  "flock",
  "sleep",
  ...REAL.filter((name) => !["ps", "pgrep", "hostname", "xargs", "openssl"].includes(name)),
];

/** Answered by the fake world. */
const STUBS =
  "systemctl journalctl ip curl wget iptables-save iptables-restore ip6tables-save ip6tables-restore modprobe sysctl swapoff sleep ping df systemd-detect-virt".split(
    " ",
  );

/** Answered by the fake world, on the hosts that a test gives them to. */
const BROUGHT = ["apt-get", "dnf", "yum", "zypper", "pacman", "apk"];

/** Programs with an answer of their own beside this file. */
const OWN = ["date", "flock", "timeout"];

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export function programPath(name: string): string | undefined {
  const found = FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return found === undefined ? undefined : realpathSync(found);
}

/** What the machine lacks for a sandbox. */
export function missingPrograms(): string[] {
  return [...NEEDED, "unshare", "nsenter", "ip", "chroot"].filter((name) => programPath(name) === undefined);
}

/** Writes what the sandboxes of one lane have below /.stub. */
export function writeStubs(directory: string): void {
  for (const folder of ["bin", "real"]) mkdirSync(join(directory, folder), { recursive: true });
  for (const file of ["ask", "real", "date", "flock", "timeout", "gate.sh", "debug.sh"]) {
    const name = file === "real" ? "gate" : file;
    copyFileSync(join(__dirname, file), join(directory, name));
    chmodSync(join(directory, name), 0o755);
  }
  for (const name of new Set([...REAL, ...NEEDED])) {
    const path = programPath(name);
    if (path !== undefined) symlinkSync(`/.host${path}`, join(directory, "real", name));
  }
  writeFileSync(join(directory, "swaps"), "Filename\tType\tSize\tUsed\tPriority\n");
  writeFileSync(join(directory, "locks"), "");
  resetPrograms(directory);
}

/** Gives a sandbox the programs that every one begins with, whatever another one of the lane had. */
export function resetPrograms(directory: string): void {
  for (const name of BROUGHT) hideProgram(directory, name);
  const there = new Set(readdirSync(join(directory, "bin")));
  const link = (name: string, to: string): void => {
    if (!there.has(name)) symlinkSync(to, join(directory, "bin", name));
    there.add(name);
  };
  for (const name of STUBS) link(name, "/.stub/ask");
  for (const name of OWN) link(name, `/.stub/${name}`);
  // mount and umount of the sandbox's own namespace are the real ones.
  for (const name of readdirSync(join(directory, "real"))) link(name, "/.stub/gate");
}

export function bringProgram(directory: string, name: string): void {
  symlinkSync("/.stub/ask", join(directory, "bin", name));
}

export function hideProgram(directory: string, name: string): void {
  rmSync(join(directory, "bin", name), { force: true });
}
