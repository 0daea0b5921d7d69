import type { Client, ClientChannel } from "ssh2";
import type { OutputStream } from "../process/run";

/** How a command on a host ended. */
export interface Exit {
  /** Undefined when a signal ended it, or when the host said neither. */
  readonly code: number | undefined;
  /** Without its `SIG`. */
  readonly signal: string | undefined;
}

export interface ExecuteOptions {
  /** Given on the standard input. Default: none. */
  readonly input?: string | Buffer;
  /** Called with the bytes as they come. */
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => void;
  /** Called when the host has begun with it. */
  readonly onBegun?: () => void;
}

/**
 * Runs one command over a connection that stands.
 *
 * @throws Error when the connection is lost before the command has ended; how far it came is not known then.
 */
export function execute(client: Client, command: string, options: ExecuteOptions): Promise<Exit> {
  return new Promise<Exit>((resolve, reject) => {
    const onError = (error: Error): void => reject(new Error(`the connection was lost: ${error.message}`));
    const onClose = (): void => reject(new Error("the connection was lost"));
    const settled = (): void => {
      client.off("error", onError);
      client.off("close", onClose);
    };
    client.on("error", onError);
    client.on("close", onClose);
    client.exec(command, (error, channel) => {
      if (error) {
        settled();
        reject(error);
        return;
      }
      options.onBegun?.();
      // At once, in this callback: a short command's exit status may be in the same packet as the answer to exec.
      ending(channel, options).then(resolve, reject).finally(settled);
      channel.end(options.input ?? "");
    });
  });
}

function ending(channel: ClientChannel, { onOutput }: ExecuteOptions): Promise<Exit> {
  return new Promise((resolve, reject) => {
    let exit: Exit = { code: undefined, signal: undefined };
    channel.on("exit", (code: number | null, signal?: string) => {
      exit = { code: code ?? undefined, signal: signal?.replace(/^SIG/, "") };
    });
    channel.on("data", (bytes: Buffer) => onOutput("stdout", bytes));
    channel.stderr.on("data", (bytes: Buffer) => onOutput("stderr", bytes));
    channel.on("error", reject);
    channel.on("close", () => resolve(exit));
  });
}
