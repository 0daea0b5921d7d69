import { colourPaint, plainPaint, type Paint } from "../plan/render/paint";

/** What a verb may touch of the world; tests give their own. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Columns of standard output. */
  readonly width: number;
  readonly paint: Paint;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const MOST_COLUMNS = 120;
/** Where standard output is no terminal: a file or a pipe. */
const DEFAULT_COLUMNS = 100;

/** The process's own terminal. Colours only where a person looks, and never with NO_COLOR (https://no-color.org). */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // `groundwork plan | head` is no failure.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  const isColoured = stdout.isTTY && env["TERM"] !== "dumb" && (env["NO_COLOR"] ?? "") === "";
  return {
    cwd: process.cwd(),
    env,
    width: stdout.isTTY ? Math.min(Math.max(stdout.columns, 40), MOST_COLUMNS) : DEFAULT_COLUMNS,
    paint: isColoured ? colourPaint : plainPaint,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
  };
}
