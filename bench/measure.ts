import { spawn } from "node:child_process";

export interface Measured {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Of the processor, in user and system mode: what other programs on the machine disturb least. */
  readonly cpuSeconds: number;
  /** Most memory that the process had at once (resident set), in MB. */
  readonly peakMb: number;
  /** Its standard output. */
  readonly out: string;
}

/** Runs in the measured process: tells its use of the machine at its end, on a channel of its own. */
const TELL_USAGE =
  "process.on('exit',()=>{const{userCPUTime:u,systemCPUTime:s,maxRSS:m}=process.resourceUsage();" +
  "require('node:fs').writeSync(3,JSON.stringify([(u+s)/1e6,m/1e3]))});" +
  "const file=process.argv[1];if(file)require(file)";

/**
 * Runs Node once.
 *
 * @param args `-e` and a program, or a file and its arguments.
 * @throws Error when the process fails.
 */
export async function measure(args: readonly string[], cwd: string): Promise<Measured> {
  const [first = "", second = ""] = args;
  const program = first === "-e" ? [`${TELL_USAGE};${second}`] : [TELL_USAGE, "--", ...args];
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ["-e", ...program], { cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const [, out, err, usage] = child.stdio.map((stream) => {
    const chunks: Buffer[] = [];
    stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const text = (chunks: readonly Buffer[] = []): string => Buffer.concat(chunks).toString();
  if (code !== 0) throw new Error(`${args.join(" ")}: ${text(err)}`);
  const [cpuSeconds, peakMb] = JSON.parse(text(usage)) as [number, number];
  return { seconds, cpuSeconds, peakMb, out: text(out) };
}

/** The middle one; of an even number the lower middle one. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
}
