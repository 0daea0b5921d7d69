import { createServer, type Server, type Socket } from "node:net";

/**
 * A process in a network namespace of its own, which all sandboxes of one lane share one after another: it listens on the ports
 * that the fake world's programs would listen on, so that /proc/net/tcp is the kernel's own, and passes the stubs' questions to
 * the test's process.
 */

/** What a stub sent: its name, the path it was called by, the version of the k3s that it stands for, standard input, arguments. */
export interface Question {
  readonly id: number;
  readonly fields: readonly string[];
}

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export type ToGateway = { readonly answer: Answer; readonly id: number } | { readonly listen: readonly number[] };
export type FromGateway = Question | { readonly port: number } | { readonly listening: readonly number[] };

function serve(): void {
  const waiting = new Map<number, Socket>();
  const open = new Map<number, Server>();
  let last = 0;
  const tell = (message: FromGateway): void => void process.send?.(message);

  const questions = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (data: string) => {
      text += data;
      const fields = text.split("\0");
      // The count is of the arguments; four fields stand before them, and the last NUL leaves an empty one.
      if (fields.length < 2 || fields.length < Number(fields[0]) + 6) return;
      last += 1;
      waiting.set(last, socket);
      tell({ id: last, fields: fields.slice(1, -1) });
    });
  });

  const listen = async (ports: readonly number[]): Promise<void> => {
    for (const [port, server] of open) {
      if (ports.includes(port)) continue;
      open.delete(port);
      await new Promise((done) => server.close(done));
    }
    for (const port of ports.filter((one) => !open.has(one))) {
      const server = createServer((socket) => socket.destroy());
      open.set(port, server);
      await new Promise<void>((done) => server.listen(port, "0.0.0.0", done));
    }
    tell({ listening: ports });
  };

  process.on("message", (message: ToGateway) => {
    if ("listen" in message) {
      void listen(message.listen);
      return;
    }
    const { code, out, err } = message.answer;
    const socket = waiting.get(message.id);
    waiting.delete(message.id);
    socket?.end(`${code}\0${out}\0${err}\0`);
  });
  process.on("disconnect", () => process.exit());
  questions.listen(0, "127.0.0.1", () => {
    const address = questions.address();
    if (address !== null && typeof address === "object") tell({ port: address.port });
  });
}

if (require.main === module) serve();
