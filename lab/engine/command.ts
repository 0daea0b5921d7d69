import { randomBytes } from "node:crypto";
import type { Executor, Work } from "./executor";
import { splitLines } from "../../process/lines";
import type { Values } from "./propertyValues";

/** Inputs that local and remote commands share (@pulumi/command 1.2.1). */
export interface CommandInputs {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
  readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  readonly environment?: Record<string, string>;
  readonly addPreviousOutputInEnv?: boolean;
}

/** What runs a command text, and feeds `output` with what it writes; throws when it fails. */
export type RunCommand = (command: string, work: Work, output: CommandOutput) => Promise<void>;

/**
 * The life of a command as its provider has it (pulumi-command 1.2.1, `commandController.go`): `create` once,
 * `update` or else `create` on any changed input, `delete` with the recorded inputs, `stdin` given to all three;
 * a changed trigger replaces.
 */
export function commandExecutor(run: RunCommand): Executor {
  const ran = async (command: string | undefined, work: Work): Promise<Values> => {
    const before = { stdout: work.old?.outputs["stdout"] ?? "", stderr: work.old?.outputs["stderr"] ?? "" };
    if (command === undefined) return { ...work.inputs, ...before };
    const output = new CommandOutput(work);
    try {
      await run(command, work, output);
    } catch (error) {
      throw new Error(`${(error as Error).message}${output.hasBegun ? `: running "${command}":\n${output.both}` : ""}`);
    }
    return { ...work.inputs, stdout: output.stdout, stderr: output.stderr };
  };
  const inputsOf = (work: Work) => work.inputs as CommandInputs;
  return {
    replaces: (change) => change.path[0] === "triggers",
    create: async (work) => ({
      id: `${work.name}${randomBytes(4).toString("hex")}`,
      outputs: await ran(inputsOf(work).create, work),
    }),
    update: (work) => ran(inputsOf(work).update ?? inputsOf(work).create, work),
    delete: async (work) => {
      const command = inputsOf(work).delete;
      if (command !== undefined) await ran(command, work);
    },
  };
}

/** Collects what a command writes, and shows it line by line as far as `logging` allows. */
export class CommandOutput {
  /** Whether the command itself has begun: only then its text belongs into an error. */
  hasBegun = false;
  readonly #chunks: { from: "stdout" | "stderr"; bytes: Buffer }[] = [];
  readonly #lines;

  constructor(work: Work) {
    const { logging } = work.inputs as CommandInputs;
    const shown = (from: "stdout" | "stderr") =>
      logging === undefined || logging === "stdoutAndStderr" || logging === from;
    const show = (from: "stdout" | "stderr") => splitLines((line) => void (shown(from) && work.print(line)));
    this.#lines = { stdout: show("stdout"), stderr: show("stderr") };
  }

  add(from: "stdout" | "stderr", bytes: Buffer): void {
    this.#chunks.push({ from, bytes });
    this.#lines[from].add(bytes);
  }

  end(): void {
    this.#lines.stdout.end();
    this.#lines.stderr.end();
  }

  /** Both in the order they came in. */
  get both(): string {
    return Buffer.concat(this.#chunks.map(({ bytes }) => bytes)).toString("utf8");
  }

  get stdout(): string {
    return this.#text("stdout");
  }

  get stderr(): string {
    return this.#text("stderr");
  }

  /** Without its last line end, as the provider records it. */
  #text(from: "stdout" | "stderr"): string {
    const bytes = this.#chunks.filter((chunk) => chunk.from === from).map((chunk) => chunk.bytes);
    return Buffer.concat(bytes).toString("utf8").replace(/\n$/, "");
  }
}
