import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";

/** Certificates made by openssl in a folder of their own, and TLS servers on 127.0.0.1 that show them. */
export class TlsSite {
  readonly directory = mkdtempSync(join(tmpdir(), "groundwork-tls-"));
  readonly #servers: Server[] = [];

  /** @param args `openssl` and its words. */
  openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.directory, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** An authority that signs itself, or is signed by another one. */
  authority(name: string, by?: string, key = ["-newkey", "rsa:2048"]): void {
    const signer = by === undefined ? [] : ["-CA", `${by}.pem`, "-CAkey", `${by}.key`];
    const subject = ["-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:TRUE"];
    this.openssl(
      ...["req", "-x509", ...key, "-nodes", "-days", "3650", ...subject, ...signer],
      ...["-keyout", `${name}.key`, "-out", `${name}.pem`],
    );
  }

  /** A server's certificate. @param more Words for `openssl req -x509`. */
  certificate(name: string, names: string, by: string | undefined, more: readonly string[] = ["-days", "90"]): void {
    const signer = by === undefined ? [] : ["-CA", `${by}.pem`, "-CAkey", `${by}.key`];
    const key = more.includes("-newkey") ? [] : ["-newkey", "rsa:2048"];
    this.openssl(
      ...["req", "-x509", ...key, "-nodes", "-subj", `/CN=${name}`, "-addext", `subjectAltName=${names}`],
      ...["-addext", "basicConstraints=CA:FALSE", ...signer, ...more],
      ...["-keyout", `${name}.key`, "-out", `${name}.pem`],
    );
  }

  read(...names: readonly string[]): string {
    return names.map((name) => readFileSync(join(this.directory, `${name}.pem`), "utf8")).join("");
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Serves a chain, and gives the port. */
  async serve(chain: readonly string[], options: TlsOptions & { stapled?: Buffer } = {}): Promise<number> {
    const [own = ""] = chain;
    const { stapled, ...rest } = options;
    const key = readFileSync(join(this.directory, `${own}.key`));
    const server = createServer({ key, cert: this.read(...chain), ...rest });
    if (stapled !== undefined) server.on("OCSPRequest", (_c, _i, answer) => answer(null, stapled));
    server.on("tlsClientError", () => undefined);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  close(): void {
    for (const server of this.#servers) server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
