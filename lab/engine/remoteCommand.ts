import type { ClientChannel } from "ssh2";
import { commandExecutor, type CommandInputs, type CommandOutput } from "./command";
import type { Work } from "./executor";
import { connect, type Connection } from "./ssh";

interface RemoteCommandInputs extends CommandInputs {
  readonly connection: Connection;
}

/** `command:remote:Command`: runs on a host over SSH; each command has a connection of its own. */
export const remoteCommand = commandExecutor(run);

async function run(command: string, work: Work, output: CommandOutput): Promise<void> {
  const { connection, stdin, environment } = work.inputs as unknown as RemoteCommandInputs;
  if (environment) throw new Error("the lab engine does not imitate environment: sshd refuses it by default");
  const { client, end } = await connect(connection, work.print);
  try {
    await new Promise<void>((resolve, reject) => {
      client.on("error", (error) => reject(new Error(`the connection was lost: ${error.message}`)));
      client.on("close", () => reject(new Error("the connection was lost")));
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        output.hasBegun = true;
        // At once, in this callback: a short command's exit status may be in the same packet as the answer to exec.
        ending(channel, output).then(resolve, reject);
        channel.end(stdin ?? "");
      });
    });
  } finally {
    end();
  }
}

async function ending(channel: ClientChannel, output: CommandOutput): Promise<void> {
  const [code, signal] = await new Promise<[number | null | undefined, string | undefined]>((resolve, reject) => {
    let exit: [number | null | undefined, string | undefined] = [undefined, undefined];
    channel.on("exit", (code: number | null, signal?: string) => (exit = [code, signal]));
    channel.on("data", (bytes: Buffer) => output.add("stdout", bytes));
    channel.stderr.on("data", (bytes: Buffer) => output.add("stderr", bytes));
    channel.on("error", reject);
    channel.on("close", () => resolve(exit));
  });
  output.end();
  if (code === 0) return;
  if (signal !== undefined) throw new Error(`Process exited with signal ${signal.replace(/^SIG/, "")}`);
  if (code === undefined || code === null) throw new Error("the command ended without an exit status");
  throw new Error(`Process exited with status ${code}`);
}
