import type { Script } from "./fakeEngine";
import { PostgresServer, whyNoPostgres } from "./postgresServer";
import { Served } from "./served";

/** Describes behaviour that needs a PostgreSQL; skipped with the reason where none can be had. */
export function describePostgres(title: string, body: (server: PostgresServer) => void): void {
  describe(title, function () {
    this.timeout(120_000);
    const server = new PostgresServer();
    before(async function () {
      const why = whyNoPostgres();
      if (why === undefined) {
        await server.make();
        return;
      }
      console.log(`    skipped: ${why}`);
      this.skip();
    });
    after(() => server.remove());
    body(server);
  });
}

/** Two services with the same stacks on one database. */
export class SharedServices {
  readonly one: Served;
  readonly other: Served;

  readonly url: string;

  private constructor(url: string, one: Served, other: Served) {
    this.url = url;
    this.one = one;
    this.other = other;
  }

  static async make(
    server: PostgresServer,
    stacks: Readonly<Record<string, Script>>,
    settings: Readonly<Record<string, unknown>> = {},
    goneSeconds = 60,
  ): Promise<SharedServices> {
    const url = await server.database();
    const shared = { ...settings, database: { urlFile: "database-url", goneSeconds } };
    const one = new Served(stacks, shared);
    const other = new Served(stacks, shared, { beside: one });
    for (const each of [one, other]) each.write("database-url", url);
    return new SharedServices(url, one, other);
  }

  async start(): Promise<void> {
    await Promise.all([this.one.start(), this.other.start()]);
  }

  async remove(): Promise<void> {
    await this.other.remove();
    await this.one.remove();
  }
}
