import type { Client } from "ssh2";
import { connect, type Connection } from "../../ssh/connect";
import { execute } from "../../ssh/execute";
import { commandExecutor, type CommandInputs, type CommandOutput } from "./command";
import type { Work } from "./executor";

interface RemoteCommandInputs extends CommandInputs {
  readonly connection: Connection;
}

/** `command:remote:Command`: runs on a host over SSH; each command has a connection of its own. */
export const remoteCommand = commandExecutor(run);

async function run(command: string, work: Work, output: CommandOutput): Promise<void> {
  const { connection, stdin, environment } = work.inputs as unknown as RemoteCommandInputs;
  if (environment) throw new Error("the lab engine does not imitate environment: sshd refuses it by default");
  await connected(connection, work.print, async (client) => {
    const { code, signal } = await execute(client, command, {
      ...(stdin === undefined ? {} : { input: stdin }),
      onOutput: (stream, bytes) => output.add(stream, bytes),
      onBegun: () => (output.hasBegun = true),
    });
    output.end();
    if (code === 0) return;
    if (signal !== undefined) throw new Error(`Process exited with signal ${signal}`);
    if (code === undefined) throw new Error("the command ended without an exit status");
    throw new Error(`Process exited with status ${code}`);
  });
}

/** Works over a connection of its own, and ends it. */
export async function connected(
  connection: Connection,
  print: Work["print"],
  use: (client: Client) => Promise<void>,
): Promise<void> {
  // The provider takes the agent of its own environment where none is named.
  const agentSocketPath = process.env["SSH_AUTH_SOCK"] ?? "";
  const { proxy, ...direct } = connection;
  const { client, end } = await connect(
    { agentSocketPath, ...direct, ...(proxy === undefined ? {} : { proxy: { agentSocketPath, ...proxy } }) },
    print,
  );
  try {
    await use(client);
  } finally {
    end();
  }
}
