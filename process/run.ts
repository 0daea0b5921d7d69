import { spawn, type ChildProcess } from "node:child_process";
import { splitLines } from "./lines";

/** Variables of a process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type OutputStream = "stdout" | "stderr";

/** What a program said when it ended. */
export interface Outcome {
  /** Exit code; 127 when it could not be started, 124 when it took too long, 130 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The signal that ended it. */
  readonly signal?: NodeJS.Signals;
  /** Why it could not be started; its message is in `stderr` too. */
  readonly startError?: NodeJS.ErrnoException;
}

export interface RunOptions {
  /** Given on the standard input. Default: none. */
  readonly input?: string | Buffer;
  /** The program is ended after this time; `Infinity`: never. Default: 120,000. */
  readonly timeoutMs?: number;
  /** The whole environment. Default: that of this process. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** Called with each line of output as it comes, of both streams. */
  readonly onLine?: (line: string) => void;
  /** Called with the bytes as they come. */
  readonly onOutput?: (stream: OutputStream, bytes: Buffer) => void;
}

const children = new Set<ChildProcess>();
// An interrupted command takes along what it started: a compiler, or mmdebstrap, which clears up after itself.
process.on("exit", () => {
  for (const child of children) child.kill("SIGTERM");
});

/** Runs a program without a shell and collects its output. It does not throw: the outcome says how it ended. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = "", timeoutMs = 120_000, env, cwd, onLine, onOutput } = options;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env, cwd });
    children.add(child);
    const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const lines = onLine === undefined ? undefined : { stdout: splitLines(onLine), stderr: splitLines(onLine) };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (bytes: Buffer) => {
        collected[name].push(bytes);
        onOutput?.(name, bytes);
        lines?.[name].add(bytes);
      });
      child[name].on("end", () => lines?.[name].end());
    }
    let tooLong = false;
    const end = (): void => {
      tooLong = true;
      child.kill("SIGKILL");
    };
    const timer = Number.isFinite(timeoutMs) ? setTimeout(end, timeoutMs) : undefined;
    const settle = (code: number, how: Pick<Outcome, "signal" | "startError"> = {}, more = ""): void => {
      clearTimeout(timer);
      children.delete(child);
      const text = (stream: OutputStream): string => Buffer.concat(collected[stream]).toString();
      resolve({ code, stdout: text("stdout"), stderr: text("stderr") + more, ...how });
    };
    child.on("error", (error) => settle(127, { startError: error }, `${program}: ${error.message}`));
    child.on("close", (code, signal) => {
      if (tooLong) settle(124, {}, `${program}: no answer after ${timeoutMs / 1000} s`);
      else if (signal !== null) settle(130, { signal });
      else settle(code ?? 130);
    });
    // A program that ends before it has read everything is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
