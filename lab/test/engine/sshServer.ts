import { spawn } from "node:child_process";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { Server, utils, type Connection } from "ssh2";
import { ed25519Key } from "../../../test/sshKey";

/** An SSH server on 127.0.0.1 that really runs what it is asked to run, as this user. */
export interface TestSshServer {
  readonly port: number;
  readonly hostKey: string;
  readonly privateKey: string;
  /** How many connections were opened. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export async function startSshServer(): Promise<TestSshServer> {
  const [host, user] = [ed25519Key(), ed25519Key()];
  const allowed = utils.parseKey(user.public);
  if (allowed instanceof Error) throw allowed;
  const clients = new Set<Connection>();
  let opened = 0;
  const server = new Server({ hostKeys: [host.private] }, (client) => {
    opened++;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (attempt) => {
      if (attempt.method !== "publickey") return attempt.reject(["publickey"]);
      const isKnown = attempt.key.data.equals(allowed.getPublicSSH());
      const isProven = !attempt.signature || allowed.verify(attempt.blob!, attempt.signature, attempt.hashAlgo);
      if (isKnown && isProven) attempt.accept();
      else attempt.reject(["publickey"]);
    });
    client.on("tcpip", (accept, reject, info) => {
      const socket = connectTcp(info.destPort, info.destIP);
      // As sshd: the channel is open when the connection is.
      socket.once("error", () => reject());
      socket.once("connect", () => {
        socket.removeAllListeners("error").on("error", () => undefined);
        const channel = accept();
        channel.pipe(socket).pipe(channel);
      });
    });
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, info) => {
        const channel = acceptExec();
        const child = spawn("/bin/sh", ["-c", info.command], { stdio: ["pipe", "pipe", "pipe"] });
        child.stdin.on("error", () => undefined);
        channel.on("data", (bytes: Buffer) => child.stdin.write(bytes)).on("end", () => child.stdin.end());
        child.stdout.on("data", (bytes: Buffer) => channel.write(bytes));
        child.stderr.on("data", (bytes: Buffer) => channel.stderr.write(bytes));
        child.on("close", (code, signal) => {
          if (signal) channel.exit(signal, false, "");
          else channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: host.public.trim(),
    privateKey: user.private,
    connections: () => opened,
    close: () => {
      for (const client of clients) client.end();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
