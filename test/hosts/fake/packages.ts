import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Files } from "./files";
import { Unknown } from "./call";
import type { Systemd } from "./systemd";

/** What each distribution calls the packages that storage and the virtual IP need. */
export const NAMES = {
  "apt-get": { iscsi: "open-iscsi", nfs: "nfs-common", keepalived: "keepalived" },
  dnf: { iscsi: "iscsi-initiator-utils", nfs: "nfs-utils", keepalived: "keepalived" },
  yum: { iscsi: "iscsi-initiator-utils", nfs: "nfs-utils", keepalived: "keepalived" },
  zypper: { iscsi: "open-iscsi", nfs: "nfs-client", keepalived: "keepalived" },
  pacman: { iscsi: "open-iscsi", nfs: "nfs-utils", keepalived: "keepalived" },
} as const;

export type Tool = keyof typeof NAMES;
export const TOOLS = Object.keys(NAMES) as Tool[];

export function isTool(name: string): name is Tool {
  return name in NAMES;
}

/** The package tools of the fake host. */
export class Packages {
  /** How long each call takes. */
  seconds = 2;
  /** Packages that no source has. */
  readonly unknown = new Set<string>();
  /** A source that apt cannot fetch. */
  deadSource: string | undefined;
  /** Whether a package enables its service, as Debian's do. */
  enables = false;
  readonly installed: string[] = [];
  readonly #stubs: string;
  readonly #clock: Clock;
  readonly #files: Files;
  readonly #systemd: Systemd;
  #held = false;

  constructor(stubs: string, clock: Clock, files: Files, systemd: Systemd) {
    this.#stubs = stubs;
    this.#clock = clock;
    this.#files = files;
    this.#systemd = systemd;
  }

  /** Another run of the tool holds a lock, as /proc/locks tells. */
  hold(path: string, seconds: number): void {
    this.#files.write(path, "", 0o640);
    const { ino } = statSync(this.#files.at(path));
    writeFileSync(join(this.#stubs, "locks"), `1: POSIX  ADVISORY  WRITE 4242 00:2f:${ino} 0 EOF\n`);
    this.#held = true;
    this.#clock.after(seconds, () => {
      writeFileSync(join(this.#stubs, "locks"), "");
      this.#held = false;
    });
  }

  run(tool: Tool, args: readonly string[]): Answer {
    const words = args.filter((arg, at) => !arg.startsWith("-") && args[at - 1] !== "-o");
    const syncs = tool === "pacman" && args.includes("-Sy");
    const [verb = "", ...names] = syncs ? ["install", ...words] : words;
    if (tool === "apt-get" && this.#held) {
      return bad("Could not get lock /var/lib/apt/lists/lock. It is held by process 4242");
    }
    if (tool === "apt-get" && verb === "update") return this.#update();
    if (verb !== "install") throw new Unknown(`${tool} ${args.join(" ")}`);
    const known: readonly string[] = Object.values(NAMES[tool]);
    const missing = names.find((name) => !known.includes(name) || this.unknown.has(name));
    if (missing !== undefined) return bad(`Unable to locate package ${missing}`);
    for (const name of names) this.#install(name, name === NAMES[tool].iscsi);
    return { code: 0, out: "", err: "" };
  }

  #update(): Answer {
    if (this.deadSource === undefined) return { code: 0, out: "", err: "" };
    return bad(`The repository '${this.deadSource} stable Release' does not have a Release file.`);
  }

  #install(name: string, isIscsi: boolean): void {
    this.installed.push(name);
    const program = isIscsi ? "iscsiadm" : name === "keepalived" ? name : "mount.nfs";
    this.#files.write(`/usr/local/sbin/${program}`, "#!/bin/sh\n", 0o755);
    if (!isIscsi) return;
    for (const unit of ["iscsid", "iscsid.socket"]) this.#systemd.packaged.add(unit);
    if (!this.enables) return;
    const socket = this.#systemd.unit("iscsid.socket");
    socket.enabled = true;
    socket.state = "active";
  }
}

function bad(line: string): Answer {
  return { code: 100, out: "", err: `E: ${line}\n` };
}
