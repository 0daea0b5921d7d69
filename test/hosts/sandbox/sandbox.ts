import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tellTime } from "../fake/tellTime";
import { World } from "../fake/world";
import { usrIsApart, type Lane } from "./lane";
import { bringProgram, hideProgram, programPath, resetPrograms } from "./programs";

export type Shell = "dash" | "bash";
export const SHELLS: readonly Shell[] = ["dash", "bash"];

/** Harm that is done to one run. */
export interface Fault {
  /** The number of the command that it happens at, counted from 1. */
  readonly at?: number;
  /** Its name, where the harm is for that command only. */
  readonly command?: string;
  /** The number of the line that bash is killed before. */
  readonly atLine?: number;
  /** `full`, `readonly`, `lost` last from then on. */
  readonly how?: "fail" | "kill" | "full" | "readonly" | "lost" | "hangup";
}

export interface Ran {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
  /** Commands that were run; with their arguments only where they were recorded. */
  readonly count: number;
  readonly calls: readonly string[];
  readonly lines: readonly string[];
}

/** One host: a root, processes and mounts of its own, and a fake world around it. */
export class Sandbox {
  readonly world: World;
  readonly #lane: Lane;
  readonly #pid: string;
  readonly #end: () => Promise<void>;

  private constructor(lane: Lane, pid: string, end: () => Promise<void>) {
    this.#lane = lane;
    this.#pid = pid;
    this.#end = end;
    this.world = new World(`/proc/${pid}/root`, lane.stubs);
    lane.world = this.world;
  }

  static async make(lane: Lane): Promise<Sandbox> {
    resetPrograms(lane.stubs);
    for (const [name, text] of Object.entries({ fault: NO_FAULT, calls: "", lines: "", locks: "" })) {
      writeFileSync(join(lane.stubs, name), text);
    }
    tellTime(lane.stubs, 0);
    const usr = usrIsApart() ? "apart" : "within";
    const unshare = ["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--propagation", "private"];
    const setUp = ["sh", join(__dirname, "root.sh"), lane.directory, usr];
    const child = spawn(NSENTER, [`--net=/proc/${String(lane.gateway.pid)}/ns/net`, ...unshare, ...setUp], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    const pid = await new Promise<string>((done, failed) => {
      child.stdout.once("data", (data: Buffer) => done(data.toString().trim()));
      child.once("exit", (code) => failed(new Error(`no sandbox could be made (${String(code)})`)));
    });
    await untilRooted(pid);
    return new Sandbox(lane, pid, async () => {
      child.kill("SIGKILL");
      await ended;
    });
  }

  async dispose(): Promise<void> {
    this.#lane.world = undefined;
    await this.#lane.listen([]);
    await this.#end();
  }

  /** Takes a program away from the host. */
  hide(...names: readonly string[]): void {
    for (const name of names) hideProgram(this.#lane.stubs, name);
  }

  /** Gives the host a package tool, and with it what it calls its distribution's packages. */
  bring(tool: string): void {
    bringProgram(this.#lane.stubs, tool);
  }

  /** Runs a script with a verb, as SSH hands it to the host's shell. */
  async run(
    script: string,
    verb: string,
    options: { readonly shell?: Shell; readonly fault?: Fault; readonly record?: boolean } = {},
  ): Promise<Ran> {
    const { shell = "dash", fault = {}, record = false } = options;
    const { at = 0, atLine = 0, how = "", command = "any" } = fault;
    const within = how === "fail" || how === "kill" || how === "hangup" ? how : "outside";
    const stubs = this.#lane.stubs;
    const line = record ? -1 : atLine;
    for (const [name, text] of Object.entries({ count: "100000\n", calls: "", lines: "" })) {
      writeFileSync(join(stubs, name), text);
    }
    writeFileSync(
      join(stubs, "fault"),
      `at=${String(at).padStart(5, "0")} how=${within} what=${command} at_line=${line} log=${record ? "yes" : "no"}\n`,
    );
    await this.#lane.listen(this.world.k3s.ports);
    const child = spawn(NSENTER, this.#enter("/.stub/real/setsid", `/.stub/real/${shell}`, "-s", "--", verb), {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        HOME: "/root",
        PATH: "/usr/bin",
        LC_ALL: "C",
        ...(shell === "bash" ? { BASH_ENV: "/.stub/debug.sh" } : {}),
      },
    });
    const texts = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      return chunks;
    });
    this.world.outside = async () => {
      if (how === "lost") for (const stream of [child.stdout, child.stderr]) stream.destroy();
      else if (how === "full") this.fill();
      else if (how === "readonly") this.#tryReadOnly();
    };
    child.stdin.on("error", () => undefined);
    child.stdin.end(script);
    const code = await new Promise<number | null>((done) => child.once(how === "lost" ? "exit" : "close", done));
    this.world.outside = () => Promise.resolve();
    writeFileSync(join(stubs, "fault"), NO_FAULT);
    const [out = "", err = ""] = texts.map((chunks) => Buffer.concat(chunks).toString("utf8"));
    const linesOf = (name: string): string[] => readFileSync(join(stubs, name), "utf8").split("\n").slice(0, -1);
    const count = Number(readFileSync(join(stubs, "count"), "utf8")) - 100_000;
    return {
      code: code ?? undefined,
      out,
      err,
      count,
      // An argument may have several lines; each call's first one begins with its number.
      calls: linesOf("calls")
        .filter((call) => /^1\d{5} /.test(call))
        .map((call) => call.replace(/^10*/, "")),
      lines: linesOf("lines"),
    };
  }

  // With the device named, mount does not look into the host's fstab for it.
  /** Leaves no room on the host's disk. */
  fill(): void {
    const { blocks, bfree, bsize } = statfsSync(`/proc/${this.#pid}/root`);
    this.#command("/.stub/real/mount", "-o", `remount,size=${(blocks - bfree) * bsize}`, "disk", "/");
  }

  /** A disk stays writable while a file on it is open for writing, here as on any Linux. */
  #tryReadOnly(): void {
    try {
      this.#command("/.stub/real/mount", "-o", "remount,ro", "disk", "/");
    } catch {
      // Then this case disturbs nothing.
    }
  }

  /** Takes every lasting fault away again. */
  mend(): void {
    this.#command("/.stub/real/mount", "-o", "remount,rw,size=4g", "disk", "/");
  }

  /** Runs a command of the test's own in the host, outside of what is counted. */
  command(...words: readonly string[]): string {
    return this.#command("/.stub/real/sh", "-c", words.join(" "));
  }

  /** Starts a process that stays, and has the name of a program that it is not. */
  async startProcess(name: string): Promise<void> {
    const before = existsSync(`/proc/${this.#pid}`);
    const script = `exec -a '${name}' /.stub/real/sleep 1000`;
    spawn(NSENTER, this.#enter("/.stub/real/setsid", "/.stub/real/bash", "-c", script), { stdio: "ignore" }).unref();
    for (let tries = 0; before && tries < 200; tries++) {
      if (this.command(`cat /proc/[0-9]*/cmdline | tr '\\0' ' '`).includes(name)) return;
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** In the home of root, where a login begins. */
  #enter(...words: readonly string[]): string[] {
    const home = `--wd=/proc/${this.#pid}/root/root`;
    return ["--target", this.#pid, "--mount", "--pid", "--uts", "--net", "--root", home, "--", ...words];
  }

  #command(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(NSENTER, this.#enter(...words), {
      encoding: "utf8",
      env: { PATH: "/.stub/real", HOME: "/root" },
    });
    if (status !== 0) throw new Error(`${words.join(" ")} failed in the sandbox: ${stderr}`);
    return stdout;
  }
}

// By its path: the environment that a host's commands get has only the sandbox's own.
const NSENTER = programPath("nsenter") ?? "nsenter";
const NO_FAULT = "at=00000 how='' what=any at_line=0 log=no\n";

/** The first process tells its number just before it takes its new root. */
async function untilRooted(pid: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("/.stub/")) return;
    await new Promise((done) => setTimeout(done, 2));
  }
  throw new Error("the sandbox did not take its root");
}
