import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "../freePort";

const DEBIAN = "/usr/lib/postgresql";

/** Why no PostgreSQL can be started here; undefined where one can. */
export function whyNoPostgres(): string | undefined {
  if (programs() === undefined) return "PostgreSQL's programs are not installed (Debian's package is postgresql)";
  if (process.getuid?.() === 0 && account() === undefined) {
    return "PostgreSQL does not run as root, and there is no user 'postgres'";
  }
  return undefined;
}

/** Where initdb and postgres are. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin")) : [];
  const all = [...versions.sort().reverse(), ...(process.env["PATH"] ?? "").split(":")];
  return all.find((directory) => existsSync(join(directory, "initdb")));
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The user that Debian's package makes: PostgreSQL refuses to run as root. */
function account(): Account | undefined {
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout.trim(),
  );
  return uid === "" || uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** A PostgreSQL of its own, in a temporary directory and on a port of this machine. */
export class PostgresServer {
  readonly #directory = mkdtempSync(join(tmpdir(), "groundwork-test-postgres-"));
  readonly #password = randomBytes(9).toString("hex");
  readonly #as: Partial<Account> | undefined = process.getuid?.() === 0 ? account() : {};
  #port = 0;
  #process: ChildProcess | undefined;

  /** Makes and starts it. */
  async make(): Promise<void> {
    this.#port = await freePort();
    const [data, passwords] = [join(this.#directory, "data"), join(this.#directory, "password")];
    writeFileSync(passwords, this.#password, { mode: 0o600 });
    const { uid, gid } = this.#as ?? {};
    if (uid !== undefined && gid !== undefined) {
      for (const each of [this.#directory, passwords]) chownSync(each, uid, gid);
    }
    const options = ["--auth", "scram-sha-256", "--username", "groundwork", "--pwfile", passwords, "--no-sync"];
    const made = spawnSync(join(programs() ?? "", "initdb"), ["--pgdata", data, "--encoding", "UTF8", ...options], {
      ...this.#as,
      cwd: this.#directory,
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    await this.start();
  }

  async start(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) return;
    const settings = [`port=${this.#port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${this.#directory}`];
    const args = ["-D", join(this.#directory, "data"), ...settings.flatMap((setting) => ["-c", setting])];
    const child = spawn(join(programs() ?? "", "postgres"), args, {
      ...this.#as,
      cwd: this.#directory,
      stdio: "ignore",
    });
    this.#process = child;
    while (child.exitCode === null) {
      try {
        await this.sql("postgres", "SELECT 1");
        return;
      } catch {
        await pause(50);
      }
    }
    throw new Error(`postgres ended with ${child.exitCode}`);
  }

  /** Lets clients come by TLS, too; gives the file with its certificate, which is for `localhost`. */
  async tls(): Promise<string> {
    const data = join(this.#directory, "data");
    const [key, certificate] = [join(data, "server.key"), join(data, "server.crt")];
    const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -subj /CN=localhost -days 2".split(
      " ",
    );
    const more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate];
    const made = spawnSync("openssl", [...args, ...more], { ...this.#as, cwd: data, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    await this.sql("postgres", "ALTER SYSTEM SET ssl = on");
    this.#process?.kill("SIGHUP");
    while ((await this.sql("postgres", "SHOW ssl"))[0]?.["ssl"] !== "on") await pause(50);
    return certificate;
  }

  /** Ends it at once, as a crash does. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const end = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGQUIT");
    await end;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Makes an empty database; gives its URL. */
  async database(): Promise<string> {
    const name = `test_${randomBytes(6).toString("hex")}`;
    await this.sql("postgres", `CREATE DATABASE ${name}`);
    return this.url({ database: name });
  }

  url({ database = "postgres", user = "groundwork", password = this.#password, port = this.#port } = {}): string {
    return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
  }

  /** Runs statements in a database, which its name or URL says. */
  async sql(database: string, text: string): Promise<Record<string, unknown>[]> {
    const connectionString = database.includes(":") ? database : this.url({ database });
    const client = new Client({ connectionString });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }
}
