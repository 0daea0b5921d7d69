import { createConnection, type Socket } from "node:net";
import { Client, utils, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";

/** One hop of a connection, as @pulumi/command 1.2.1 takes it. */
export interface Hop {
  readonly host: string;
  readonly port?: number;
  /** Default `root`. */
  readonly user?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly password?: string;
  readonly agentSocketPath?: string;
  /** `<type> <base64>` as in `ssh_host_ed25519_key.pub`. Without it every host key is accepted. */
  readonly hostKey?: string;
  /** Tries to connect. Default 10; -1 for as many as it takes. */
  readonly dialErrorLimit?: number;
  /** Bound of each try, in seconds. Default 15; 0 for none. */
  readonly perDialTimeout?: number;
}

export interface Connection extends Hop {
  readonly proxy?: Hop;
  /** It keeps no process alive by itself. Default: false. */
  readonly detached?: boolean;
}

/** A refusal that no further try changes. */
class HostKeyRefused extends Error {}

/**
 * Connects to a host, through its proxy where it has one. Tries again as the command provider does: after 100 ms,
 * then half as long again each time, at most 5 s.
 *
 * @param signal Ends the tries.
 * @returns the connection, and what ends it with its proxy's
 */
export async function connect(
  connection: Connection,
  print: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ client: Client; end: () => void }> {
  const { detached = false } = connection;
  const first = connection.proxy ?? connection;
  const direct = detached ? () => detachedSocket(first) : undefined;
  const how = (socket: Tries["socket"]): Tries => ({ print, signal, socket, detached });
  if (!connection.proxy) {
    const client = await dial(connection, `${connection.host}:${connection.port ?? 22}`, how(direct));
    return { client, end: () => client.end() };
  }
  const what = `proxy ${connection.proxy.host}:${connection.proxy.port ?? 22}`;
  const through = await dial(connection.proxy, what, how(direct));
  try {
    const what = `${connection.host}:${connection.port ?? 22} from the proxy`;
    const client = await dial(
      connection,
      what,
      how(() => forward(through, connection)),
    );
    return { client, end: () => (client.end(), through.end()) };
  } catch (error) {
    through.end();
    throw error;
  }
}

interface Tries {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly socket: (() => Promise<ClientChannel | Socket>) | undefined;
  readonly detached: boolean;
}

async function dial(hop: Hop, what: string, { print, signal, socket, detached }: Tries): Promise<Client> {
  const config = connectConfig(hop, detached);
  const limit = hop.dialErrorLimit ?? 10;
  for (let [attempt, wait] = [1, 100]; ; attempt++, wait = Math.min(wait * 1.5, 5000)) {
    try {
      return await once({ ...config, sock: await socket?.() }, signal);
    } catch (error) {
      if (error instanceof HostKeyRefused || signal?.aborted === true) throw error;
      const reason = reasonOf(error as NodeJS.ErrnoException);
      if (limit >= 0 && attempt > limit) {
        throw new Error(`cannot connect to ${what} after ${limit} failed attempts: ${reason}`);
      }
      print(`connecting to ${what}, attempt ${attempt}/${limit < 0 ? "inf" : limit} failed: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** A refused connection to several addresses has a code and no message. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return error.message === "" ? (error.code ?? error.name) : error.message;
}

function once(config: ConnectConfig, signal?: AbortSignal): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let refused: Error | undefined;
    const stop = (): void => {
      client.destroy();
      reject(new Error("it was given up"));
    };
    signal?.addEventListener("abort", stop, { once: true });
    client.on("keyboard-interactive", (_name, _text, _language, prompts, finish) =>
      finish(prompts.map(() => config.password ?? "")),
    );
    client.once("ready", () => {
      signal?.removeEventListener("abort", stop);
      resolve(client);
    });
    client.on("error", (error) => {
      // An agent that does not answer is passed over: there may be a key.
      if (error.level !== "agent") reject(refused ?? error);
    });
    client.once("close", () => reject(refused ?? new Error("the connection was closed during the handshake")));
    const verifier = config.hostVerifier as ((key: Buffer) => boolean) | undefined;
    client.connect({
      ...config,
      hostVerifier: (key: Buffer) => {
        const isKnown = verifier?.(key) ?? true;
        if (!isKnown) refused = new HostKeyRefused(hostKeyMessage(config.host ?? "", key));
        return isKnown;
      },
    });
  });
}

function hostKeyMessage(host: string, key: Buffer): string {
  const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString();
  return `ssh: host key mismatch: ${host} shows ${type} ${key.toString("base64")}, which is not the hostKey of its settings`;
}

function connectConfig(hop: Hop, detached: boolean): ConnectConfig {
  const [type = "", expected] = (hop.hostKey ?? "").trim().split(/\s+/);
  if (type !== "" && expected === undefined) {
    throw new Error(`failed to parse host key: write it as "<type> <base64>", not "${type}"`);
  }
  if (hop.privateKey !== undefined) {
    const parsed = utils.parseKey(hop.privateKey, hop.privateKeyPassword);
    if (parsed instanceof Error) throw new Error(`the private key cannot be read: ${parsed.message}`);
  }
  const dialTimeoutMs = (hop.perDialTimeout ?? 15) * 1000;
  return {
    host: hop.host,
    port: hop.port ?? 22,
    username: hop.user ?? "root",
    privateKey: hop.privateKey,
    passphrase: hop.privateKeyPassword,
    password: hop.password,
    tryKeyboard: hop.password !== undefined,
    agent: hop.agentSocketPath === "" ? undefined : hop.agentSocketPath,
    readyTimeout: dialTimeoutMs,
    // The provider has none; without it a host that vanished would be waited for without end. Its timer keeps a process alive.
    keepaliveInterval: detached ? 0 : 15_000,
    keepaliveCountMax: 8,
    // As the provider: the algorithm of the key's own name and no other, so that ssh-rsa finds none in common.
    ...(expected !== undefined && {
      algorithms: { serverHostKey: [type as ServerHostKeyAlgorithm] },
      hostVerifier: (key: Buffer) => key.equals(Buffer.from(expected, "base64")),
    }),
  };
}

function forward(through: Client, to: Hop): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    through.forwardOut("127.0.0.1", 0, to.host, to.port ?? 22, (error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

/** A connection of its own that does not keep the process alive, and notices a machine that vanished by TCP's own means. */
function detachedSocket({ host, port, perDialTimeout = 15 }: Hop): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: port ?? 22 });
    const fail = (error: Error): void => (socket.destroy(), reject(error));
    const late = (): void => fail(new Error("no answer"));
    socket.unref();
    socket.setKeepAlive(true, 15_000);
    if (perDialTimeout > 0) socket.setTimeout(perDialTimeout * 1000, late);
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", fail);
      socket.off("timeout", late);
      resolve(socket);
    });
  });
}
