import type { Client } from "ssh2";
import { scriptOf } from "../components/k3s/script";
import type { HostProgram } from "../desired/host/program";
import type { DesiredNode } from "../desired/nodes";
import { GroundworkError } from "../config/groundworkError";
import { afterFrameBegin, FRAME_BEGIN, framed, startFiles } from "../desired/host/framed";
import { asRoot, inputAsRoot } from "../desired/ssh";
import { splitLines } from "../process/lines";
import type { OutputStream } from "../process/run";
import { connect } from "../ssh/connect";
import { execute } from "../ssh/execute";
import { connectionOf } from "../ssh/target";

export { connectionOf };

/** What a command on a host said when it ended. */
export interface HostAnswer {
  /** Exit code; 124 when it took too long, 130 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostRunOptions {
  /** Given on the standard input. Default: none. */
  readonly input?: string | Buffer;
  /** The connection is ended after this time, and the answer's code is 124. Default: 120,000. */
  readonly timeoutMs?: number;
  /** Called with each line of output as it comes. */
  readonly onLine?: (line: string, stream: OutputStream) => void;
}

/** A machine of a stack, reached as `up` reaches it. One connection serves all that a verb asks; {@link Host.close} ends it. */
export class Host {
  readonly node: DesiredNode;
  #connection: Promise<{ client: Client; end: () => void }> | undefined;
  #dialling = new AbortController();

  readonly #agentSocket: string | undefined;

  /** @param agentSocket Socket of the user's ssh-agent, whose keys are tried beside the stack's. */
  constructor(node: DesiredNode, agentSocket?: string) {
    this.node = node;
    this.#agentSocket = agentSocket;
  }

  get name(): string {
    return this.node.name;
  }

  /**
   * Runs a command as root. What the shell's start files print is not part of what it says.
   *
   * @throws Error when the host is not reached, or the connection is lost.
   * @throws GroundworkError when the shell of the SSH user runs something else in its place.
   */
  async run(command: string, options: HostRunOptions = {}): Promise<HostAnswer> {
    const { input = "", timeoutMs = 120_000, onLine } = options;
    let begun = false;
    const { client } = await this.connected();
    const collected: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
    const lines = {
      stdout: splitLines((line) => {
        if (begun) onLine?.(line, "stdout");
        begun ||= line === FRAME_BEGIN;
      }),
      stderr: splitLines((line) => onLine?.(line, "stderr")),
    };
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      this.close();
    }, timeoutMs);
    const text = (stream: OutputStream): string => Buffer.concat(collected[stream]).toString();
    try {
      const given = inputAsRoot(this.node.ssh, "");
      const { code } = await execute(client, asRoot(this.node.ssh, framed(command)), {
        input: Buffer.concat([Buffer.from(given), Buffer.from(input)]),
        onOutput: (stream, bytes) => {
          collected[stream].push(bytes);
          lines[stream].add(bytes);
        },
      });
      lines.stdout.end();
      lines.stderr.end();
      return this.#said({ code: code ?? 130, stdout: text("stdout"), stderr: text("stderr") });
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const said = `no answer after ${timeoutMs / 1000} s`;
      const stdout = afterFrameBegin(text("stdout")) ?? "";
      return { code: 124, stdout, stderr: `${text("stderr")}${said}\n` };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The answer without what was printed before the command began. */
  #said(answer: HostAnswer): HostAnswer {
    const stdout = afterFrameBegin(answer.stdout);
    if (stdout !== undefined) return { ...answer, stdout };
    if (answer.code !== 0) return answer; // it did not begin, and what was printed may say why
    const { user } = this.node.ssh;
    const said = answer.stdout.trim().split("\n")[0] ?? "";
    throw new GroundworkError(
      "failed",
      `${this.name}: the shell of ${user} did not run the command${said === "" ? "" : `, and said: ${said}`}`,
      { remedy: `look into its start files: ${startFiles(user)}` },
    );
  }

  /**
   * Runs one verb of a host program: the same shell that `up` runs, given as standard input.
   *
   * @param secrets A value for each of the program's secrets.
   */
  async runProgram(
    program: HostProgram,
    verb: string,
    options: Omit<HostRunOptions, "input"> & { readonly secrets?: Readonly<Record<string, string>> } = {},
  ): Promise<HostAnswer> {
    const { secrets, ...rest } = options;
    return await this.run(`sh -s -- ${verb}`, { ...rest, input: scriptOf(program, secrets) });
  }

  /** The connection itself, for a shell or a tunnel. @throws Error when the host is not reached. */
  async connected(): Promise<{ client: Client }> {
    this.#connection ??= connect(
      connectionOf(this.node.ssh, this.#agentSocket),
      () => undefined,
      this.#dialling.signal,
    );
    return await this.#connection;
  }

  /** Ends the connection; the next command makes another one. */
  close(): void {
    this.#dialling.abort();
    this.#dialling = new AbortController();
    this.#connection?.then(({ end }) => end()).catch(() => undefined); // one that never stood has nothing to end
    this.#connection = undefined;
  }
}
