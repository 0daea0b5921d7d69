import { createServer, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Client, ClientChannel } from "ssh2";
import { GroundworkError } from "../config/groundworkError";
import { connect, type Connection } from "./connect";

/** A server that a tunnel may end at. */
export interface TunnelEnd {
  /** For messages. */
  readonly name: string;
  readonly connection: Connection;
}

export interface TunnelOptions {
  /** Port on 127.0.0.1 of this machine. */
  readonly port: number;
  /** Port on 127.0.0.1 of the server. */
  readonly apiPort: number;
  /** The servers, tried in this order until one answers; the one that did is kept to. */
  readonly ends: readonly TunnelEnd[];
  /** Told in one line why no server was reached. */
  readonly report: (line: string) => void;
}

/** A local port that leads to the API of a server that lives. */
export interface Tunnel {
  /** Settles when the port takes connections. Rejected when something else has it. */
  readonly listening: Promise<void>;
  readonly close: () => void;
}

/** Tunnels of this process by port: two runs in one process share theirs. */
const open = new Map<number, ApiTunnel>();

/**
 * Opens a way to the API through SSH. No server is dialled before somebody connects, so it may be opened before there is one. It
 * keeps no process alive, and goes on until the process ends: an engine deletes after the program has ended.
 */
export function openTunnel(options: TunnelOptions): Tunnel {
  const existing = open.get(options.port);
  if (existing !== undefined) {
    existing.options = options;
    return existing;
  }
  const tunnel = new ApiTunnel(options);
  open.set(options.port, tunnel);
  tunnel.listening.catch(() => tunnel.close());
  return tunnel;
}

/** How long a connection to a server stays when nobody uses it. */
const IDLE_MS = 10_000;
/** How long a server has to open a way to its API. */
const FORWARD_MS = 10_000;
/** How often it is looked whether another process has let go of the port. */
const RETRY_MS = 1000;

/** A connection to a server. */
interface Through {
  readonly made: Promise<{ client: Client; end: () => void }>;
}

class ApiTunnel implements Tunnel {
  options: TunnelOptions;
  readonly listening: Promise<void>;
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #through: Through | undefined;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;
  #said = "";

  constructor(options: TunnelOptions) {
    this.options = options;
    this.listening = this.#listen().catch(async (cause: unknown) => {
      const error = cause as NodeJS.ErrnoException;
      if (error.code !== "EADDRINUSE" || !(await leadsToK3s(options.port))) throw taken(options.port, error);
      this.#takeOver();
    });
  }

  close(): void {
    this.#closed = true;
    if (open.get(this.options.port) === this) open.delete(this.options.port);
    clearTimeout(this.#retry);
    this.#server?.close();
    this.#hangUp();
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => void this.#serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.options.port, "127.0.0.1", resolve);
      server.unref();
    });
    server.on("error", () => undefined); // of one connection that was not accepted: its client sees it
    this.#server = server;
    if (this.#closed) server.close();
  }

  /** Another run of the same stack has the port, and its way is as good. When it ends, this one goes on. */
  #takeOver(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.#listen().catch(() => this.#takeOver()), RETRY_MS);
    this.#retry.unref();
  }

  async #serve(socket: Socket): Promise<void> {
    socket.unref();
    socket.on("error", () => socket.destroy());
    let channel: ClientChannel;
    this.#enter();
    socket.once("close", () => this.#leave());
    try {
      channel = await this.#forward();
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
      socket.destroy();
      return;
    }
    channel.on("error", () => socket.destroy());
    channel.on("close", () => socket.destroy());
    socket.on("close", () => channel.destroy());
    socket.pipe(channel).pipe(socket);
  }

  async #forward(): Promise<ClientChannel> {
    const kept = this.#through;
    if (kept !== undefined) {
      try {
        return await forwardTo((await kept.made).client, this.options.apiPort);
      } catch {
        this.#hangUp(kept); // that server is gone, or its k3s: another one may live
      }
    }
    const reasons: string[] = [];
    for (const end of this.options.ends) {
      const through: Through = { made: connect({ ...end.connection, detached: true }, () => undefined) };
      try {
        const { client } = await through.made;
        const channel = await forwardTo(client, this.options.apiPort);
        client.on("close", () => this.#hangUp(through));
        this.#keep(through);
        return channel;
      } catch (error) {
        through.made.then(({ end: hangUp }) => hangUp()).catch(() => undefined);
        reasons.push(`${end.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new Error(`no server's API is reached through SSH: ${reasons.join("; ")}`);
  }

  /** Several may have dialled at the same time: the last connection is kept, and the others end with their users. */
  #keep(through: Through): void {
    this.#through = through;
    this.#said = "";
  }

  #hangUp(which = this.#through): void {
    if (which === undefined) return;
    if (this.#through === which) this.#through = undefined;
    which.made.then(({ end }) => end()).catch(() => undefined); // one that never stood has nothing to end
  }

  #enter(): void {
    this.#users++;
    clearTimeout(this.#idle);
  }

  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#idle = setTimeout(() => this.#hangUp(), IDLE_MS);
    this.#idle.unref();
  }

  #tell(reason: string): void {
    if (reason === this.#said) return;
    this.#said = reason;
    this.options.report(reason);
  }
}

/**
 * A stream to what a host reaches, over its SSH connection.
 *
 * @param address Host that is dialled from there. Default: the machine itself.
 * @throws Error when nothing answers there, or sshd forwards nothing.
 */
export function forwardTo(client: Client, port: number, address = "127.0.0.1"): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    // A connection whose machine vanished does not say so.
    setTimeout(() => reject(new Error("no answer through SSH")), FORWARD_MS).unref();
    client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      if (error) reject(new Error(reasonOf(error, port)));
      else resolve(channel);
    });
  });
}

function reasonOf(error: Error, port: number): string {
  if (/administratively prohibited/i.test(error.message)) {
    return "its sshd forwards no connection; set AllowTcpForwarding yes (or local) in its sshd_config";
  }
  return `nothing answers on its port ${String(port)} (${error.message.replace(/^\(SSH\) Channel open failure: /, "")})`;
}

/** Whether what listens on a port of this machine shows a certificate of k3s: another run of ours, most likely. */
function leadsToK3s(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is sent there: the certificate alone is looked at.
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false, timeout: 20_000 }, () => {
      const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string } }; // none without a certificate
      socket.destroy();
      resolve(["k3s", "kube-apiserver"].includes(subject?.CN ?? ""));
    });
    socket.on("error", () => resolve(false));
    socket.on("timeout", () => (socket.destroy(), resolve(false)));
  });
}

function taken(port: number, error: NodeJS.ErrnoException): GroundworkError {
  const what = error.code === "EADDRINUSE" ? "another program has it" : (error.code ?? error.message);
  return new GroundworkError(
    "failed",
    `the way to the API needs port ${String(port)} on 127.0.0.1 of this machine, and ${what}; end that, or write another one in cluster.tunnelPort`,
  );
}
