import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** What a program said when it ended. */
export interface Outcome {
  /** Exit code; 127 when there is no such program, 124 when it took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Given on the standard input. Default: none. */
  readonly input?: string | Buffer;
  /** The program is ended after this time. Default: 120,000. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with each line of output as it comes, of both streams. */
  readonly onLine?: (line: string) => void;
}

const children = new Set<ChildProcess>();
// An interrupted command takes along what it started: a compiler, or mmdebstrap, which clears up after itself.
process.on("exit", () => {
  for (const child of children) child.kill("SIGTERM");
});

/** Runs a program without a shell and collects its output. It does not throw for an exit code. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return await new Promise((done) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: options.env ?? process.env,
      cwd: options.cwd,
    });
    children.add(child);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    if (options.onLine !== undefined) followLines(child, options.onLine);
    let tooLong = false;
    const timeoutMs = options.timeoutMs ?? 120_000;
    const timer = setTimeout(() => {
      tooLong = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    const end = (code: number, more = ""): void => {
      clearTimeout(timer);
      children.delete(child);
      done({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() + more });
    };
    child.on("error", (error) => {
      end(127, `${program}: ${error.message}`);
    });
    child.on("close", (code) => {
      if (tooLong) end(124, `${program}: no answer after ${String(timeoutMs / 1000)} s`);
      else end(code ?? 130);
    });
    // A program that ends before it has read everything is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

function followLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  }
}

/** A process, told apart from a later one with the same number by the time it was started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * When a process was started, as the machine tells it: on Linux in clock ticks since boot (proc(5), field 22 of stat),
 * elsewhere as `ps` prints it. Undefined when there is no such process.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return startTimeInStat(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; a zombie (state Z) has ended. The second field may hold spaces and parentheses. */
export function startTimeInStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const startTime = startTimeOf(identity.pid);
  return startTime !== undefined && startTime === identity.startTime;
}
