import type { ClientChannel } from "ssh2";
import { shellQuote } from "../../components/k3s/script";
import { asRoot, type SshTarget } from "../../desired/ssh";
import { execute } from "../../ssh/execute";
import type { Host } from "../host";

/** A terminal that a shell is given; `process` is one. */
export interface ShellTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** `TERM` of it. */
  readonly type: string;
}

/**
 * The login shell of the SSH user, until it ends; the window's size follows the terminal's.
 *
 * @returns its exit code.
 * @throws Error where the host is not reached.
 */
export async function openShell(host: Host, { stdin, stdout, type }: ShellTerminal): Promise<number> {
  const { client } = await host.connected();
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    const window = { term: type, cols: stdout.columns, rows: stdout.rows };
    client.shell(window, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const resize = (): void => channel.setWindow(stdout.rows, stdout.columns, 0, 0);
  stdout.on("resize", resize);
  stdin.setRawMode(true);
  stdin.pipe(channel);
  channel.pipe(stdout, { end: false });
  channel.stderr.pipe(process.stderr, { end: false });
  try {
    return await new Promise<number>((resolve, reject) => {
      let code = 0;
      channel.on("exit", (said: number | null) => (code = said ?? 130));
      channel.on("error", reject);
      channel.on("close", () => resolve(code));
    });
  } finally {
    stdout.off("resize", resize);
    stdin.unpipe(channel);
    stdin.setRawMode(false);
    stdin.pause();
  }
}

/** The command that reaches a host with a person's own ssh and keys. */
export function sshCommand({ user, host, port, bastion }: SshTarget): string {
  const at = (target: Pick<SshTarget, "user" | "host">): string => `${target.user}@${target.host}`;
  const jump = bastion === undefined ? [] : ["-J", `${at(bastion)}:${String(bastion.port)}`];
  return ["ssh", ...(port === 22 ? [] : ["-p", String(port)]), ...jump, at({ user, host })].join(" ");
}

export interface LogOptions {
  /** Go on with what comes. */
  readonly follow: boolean;
  /** `10m`, `2h`, `3d`, or what journalctl takes. Default: the last 200 lines. */
  readonly since: string | undefined;
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Buffer) => void;
}

/**
 * The journal of a host's k3s.
 *
 * @returns journalctl's exit code.
 * @throws Error where the host is not reached, or the connection is lost.
 */
export async function showLogs(host: Host, { follow, since, onOutput }: LogOptions): Promise<number> {
  const unit = host.node.role === "server" ? "k3s" : "k3s-agent";
  const words = [
    ...["journalctl", "--no-pager", "-o", "short-iso", "-u", unit],
    ...(since === undefined ? ["-n", "200"] : ["--since", sinceWords(since)]),
    ...(follow ? ["-f"] : []),
  ];
  const { client } = await host.connected();
  const { code } = await execute(client, asRoot(host.node.ssh, words.map(shellQuote).join(" ")), { onOutput });
  return code ?? 130;
}

/** `10m` as kubectl writes it, in systemd's words (systemd.time(7)); anything else as it is. */
export function sinceWords(since: string): string {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(since) ?? [];
  if (count === undefined) return since;
  const names: Readonly<Record<string, string>> = { s: "seconds", m: "minutes", h: "hours", d: "days" };
  return `${count} ${names[unit] ?? unit} ago`;
}
