import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Why there is no name server to test with; undefined where there is one. */
export function whyNoNameServer(): string | undefined {
  try {
    execFileSync("named", ["-v"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "BIND's named is not on PATH (Debian's package bind9)";
  }
}

export const SECRETS = {
  acme: Buffer.alloc(64, "a").toString("base64"),
  narrow: Buffer.alloc(64, "n").toString("base64"),
};

/**
 * A real BIND on 127.0.0.1 with the zone example.org. The key `acme` may change any TXT record in it, `narrow` that of one
 * challenge only; the zone fixed.example takes no updates,
 * and has CNAMEs of challenges.
 */
export class NameServer {
  readonly port: number;
  readonly #directory: string;
  readonly #process: ChildProcess;

  private constructor(port: number, directory: string, process: ChildProcess) {
    this.port = port;
    this.#directory = directory;
    this.#process = process;
  }

  static async start(): Promise<NameServer> {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-named-"));
    const port = await freePort();
    const zone = (name: string): string =>
      `$TTL 60\n@ IN SOA ns.${name}. admin.${name}. 1 3600 600 86400 60\n@ IN NS ns.${name}.\nns IN A 127.0.0.1\n`;
    writeFileSync(join(directory, "example.org"), zone("example.org"));
    const aliases =
      "_acme-challenge.delegated IN CNAME _acme-challenge.www.example.org.\n" +
      "_acme-challenge.loop IN CNAME _acme-challenge.loop.fixed.example.\n";
    writeFileSync(join(directory, "fixed.example"), zone("fixed.example") + aliases);
    const key = (name: string, secret: string): string =>
      `key "${name}" { algorithm hmac-sha512; secret "${secret}"; };`;
    const lines = [
      `options { directory "${directory}"; pid-file none; session-keyfile none; recursion no; listen-on-v6 { none; };`,
      `  listen-on port ${String(port)} { 127.0.0.1; }; };`,
      "controls { };",
      ...Object.entries(SECRETS).map(([name, secret]) => key(name, secret)),
      'zone "example.org" { type primary; file "example.org"; update-policy {',
      "  grant acme zonesub TXT; grant narrow name _acme-challenge.www.example.org TXT; }; };",
      'zone "fixed.example" { type primary; file "fixed.example"; };',
    ];
    writeFileSync(join(directory, "named.conf"), `${lines.join("\n")}\n`);
    const process = spawn("named", ["-f", "-c", join(directory, "named.conf"), "-p", String(port)], {
      stdio: "ignore",
    });
    const server = new NameServer(port, directory, process);
    for (let tries = 0; tries < 100; tries++) {
      if (await answers(port)) return server;
      await sleep(100);
    }
    await server.stop();
    throw new Error("named does not answer");
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#process.once("exit", done));
    if (this.#process.kill()) await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
