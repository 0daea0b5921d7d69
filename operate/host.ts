import type { Client } from "ssh2";
import { scriptOf } from "../components/k3s/script";
import type { HostProgram } from "../desired/host/program";
import type { DesiredNode } from "../desired/nodes";
import { asRoot, type BastionTarget, type SshTarget } from "../desired/ssh";
import { splitLines } from "../process/lines";
import type { OutputStream } from "../process/run";
import { connect, type Connection, type Hop } from "../ssh/connect";
import { execute } from "../ssh/execute";

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

/** How often a verb tries to connect: people wait for it, and a host that is down is an answer. */
const DIAL_ATTEMPTS = 2;
/** Bound of each try, in seconds. */
const DIAL_SECONDS = 8;

/** A machine of a stack, reached as `up` reaches it. One connection serves all that a verb asks; {@link Host.close} ends it. */
export class Host {
  readonly node: DesiredNode;
  #connection: Promise<{ client: Client; end: () => void }> | undefined;

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
   * Runs a command as root.
   *
   * @throws Error when the host is not reached, or the connection is lost.
   */
  async run(command: string, options: HostRunOptions = {}): Promise<HostAnswer> {
    const { input, timeoutMs = 120_000, onLine } = options;
    const { client } = await this.connected();
    const collected: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
    const lines = {
      stdout: splitLines((line) => onLine?.(line, "stdout")),
      stderr: splitLines((line) => onLine?.(line, "stderr")),
    };
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      this.close();
    }, timeoutMs);
    const text = (stream: OutputStream): string => Buffer.concat(collected[stream]).toString();
    try {
      const { code } = await execute(client, asRoot(this.node.ssh, command), {
        ...(input === undefined ? {} : { input }),
        onOutput: (stream, bytes) => {
          collected[stream].push(bytes);
          lines[stream].add(bytes);
        },
      });
      lines.stdout.end();
      lines.stderr.end();
      return { code: code ?? 130, stdout: text("stdout"), stderr: text("stderr") };
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const said = `no answer after ${timeoutMs / 1000} s`;
      return { code: 124, stdout: text("stdout"), stderr: `${text("stderr")}${said}\n` };
    } finally {
      clearTimeout(timer);
    }
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
    this.#connection ??= connect(connectionOf(this.node.ssh, this.#agentSocket), () => undefined);
    return await this.#connection;
  }

  /** Ends the connection; the next command makes another one. */
  close(): void {
    this.#connection?.then(({ end }) => end()).catch(() => undefined); // one that never stood has nothing to end
    this.#connection = undefined;
  }
}

/** The connection that the provider makes for the same target, with fewer tries. */
export function connectionOf(target: SshTarget, agentSocket = ""): Connection {
  return {
    agentSocketPath: agentSocket,
    ...hopOf(target),
    ...(target.bastion === undefined ? {} : { proxy: { agentSocketPath: agentSocket, ...hopOf(target.bastion) } }),
  };
}

function hopOf({ host, port, user, hostKey, privateKey, privateKeyPassphrase }: SshTarget | BastionTarget): Hop {
  return {
    host,
    port,
    user,
    dialErrorLimit: DIAL_ATTEMPTS,
    perDialTimeout: DIAL_SECONDS,
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(privateKey === undefined ? {} : { privateKey: `${privateKey.reveal().trimEnd()}\n` }),
    ...(privateKeyPassphrase === undefined ? {} : { privateKeyPassword: privateKeyPassphrase.reveal() }),
  };
}
