import * as path from "node:path";
import { run } from "../process/run";

export const ROOT = path.join(__dirname, "..");

/** How a check ended. */
export type Outcome =
  { readonly result: "ok" | "failed"; readonly output: string } | { readonly result: "skipped"; readonly why: string };

/** What an outcome says of a program that is not there. */
const MISSING = "not installed";

export function isMissing(outcome: Outcome): boolean {
  return outcome.result === "failed" && outcome.output === MISSING;
}

/** Runs a program to its end, with what it printed on either stream. */
export async function command(
  program: string,
  args: readonly string[],
  options: {
    readonly directory?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly missing?: string;
  } = {},
): Promise<Outcome> {
  const bin = path.join(ROOT, "node_modules", ".bin");
  const env = { ...process.env, ...options.environment, PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}` };
  const chunks: Buffer[] = [];
  const { code, signal, startError } = await run(program, args, {
    cwd: options.directory ?? ROOT,
    env,
    timeoutMs: Infinity,
    onOutput: (_, bytes) => chunks.push(bytes),
  });
  if (startError !== undefined) {
    const output = startError.code === "ENOENT" ? (options.missing ?? MISSING) : startError.message;
    return { result: "failed", output };
  }
  const output = Buffer.concat(chunks).toString("utf8");
  if (code === 0) return { result: "ok", output };
  return { result: "failed", output: signal === undefined ? output : `${output}\nended by ${signal}` };
}
