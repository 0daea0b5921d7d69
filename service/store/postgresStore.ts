import { randomUUID } from "node:crypto";
import type * as postgres from "pg";
import { GroundworkError } from "../../config/groundworkError";
import type { Secret } from "../../config/secret";
import { Listener } from "./postgresListener";
import { isUnreachable, isWorthAgain, openingError, recordError } from "./postgresErrors";
import { migrate } from "./postgresSchema";
import type { Row, Store, Value } from "./store";

const CONNECTIONS = 10;
const CONNECT_MS = 5000;
/** No statement of the service takes longer: who waits for more waits for a network that loses everything. */
const STATEMENT_MS = 10_000;
/** Of a transaction that somebody else was quicker than. */
const MOST_TRIES = 5;
/** Tells the service's advisory locks apart from those of others in the same database. */
const LOCKS = 0x67776b;
const INT8 = 20;

type ParseText = (text: string) => unknown;

/**
 * Opens a record that several services share.
 *
 * @throws GroundworkError where it cannot be reached, lets nobody in, or is a newer Groundwork's.
 */
export async function openPostgres(url: Secret): Promise<Store> {
  const pg = loaded();
  const config: postgres.ClientConfig = {
    connectionString: url.reveal(),
    application_name: "groundwork",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    keepAlive: true,
    // Numbers of the service's are never above what a double holds.
    types: {
      getTypeParser: (oid, format) => (oid === INT8 ? Number : (pg.types.getTypeParser(oid, format) as ParseText)),
    },
  };
  const pool = new pg.Pool({ ...config, max: CONNECTIONS });
  // An idle connection that breaks is replaced by the next who needs one.
  pool.on("error", () => undefined);
  const self = randomUUID();
  const listener = new Listener(() => new pg.Client({ ...config, query_timeout: undefined }), self);
  const store = new PostgresStore(pool, listener, self);
  try {
    await migrate(store);
  } catch (error) {
    await store.close();
    const { cause } = error as Error;
    throw openingError(cause ?? error, new URL(url.reveal()));
  }
  return store;
}

type Asked = Pick<postgres.PoolClient, "query">;

class PostgresStore implements Store {
  readonly #pool: postgres.Pool;
  readonly #listener: Listener;
  /** Who announces: a service need not hear itself. */
  readonly #self: string;
  readonly #asked: Asked;

  constructor(pool: postgres.Pool, listener: Listener, self: string, asked: Asked = pool) {
    this.#pool = pool;
    this.#listener = listener;
    this.#self = self;
    this.#asked = asked;
  }

  async all(text: string, ...values: readonly Value[]): Promise<Row[]> {
    return (await this.#query(text, values)).rows;
  }

  async one(text: string, ...values: readonly Value[]): Promise<Row | undefined> {
    return (await this.#query(text, values)).rows[0];
  }

  async run(text: string, ...values: readonly Value[]): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  async transaction<T>(work: (within: Store) => Promise<T>): Promise<T> {
    if (this.#asked !== this.#pool) return work(this);
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (tries === MOST_TRIES || !isWorthAgain(error)) throw recordError(error);
      }
    }
  }

  async lock(name: string): Promise<void> {
    await this.#query("SELECT pg_advisory_xact_lock(?, hashtext(?))", [LOCKS, name]);
  }

  async announce(): Promise<void> {
    await this.#query("SELECT pg_notify(?, ?)", [Listener.channel, this.#self]);
  }

  onAnnounced(onNews: () => void): void {
    this.#listener.start(onNews);
  }

  async close(): Promise<void> {
    await this.#listener.stop();
    await this.#pool.end();
  }

  async #once<T>(work: (within: Store) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let isBroken = false;
    // Without it, a connection that breaks between two statements would end the process.
    const onError = (): void => void (isBroken = true);
    client.on("error", onError);
    try {
      await client.query("BEGIN");
      const value = await work(new PostgresStore(this.#pool, this.#listener, this.#self, client));
      await client.query("COMMIT");
      return value;
    } catch (error) {
      isBroken ||= isUnreachable((error as Error).cause ?? error);
      if (!isBroken) await client.query("ROLLBACK").catch(() => void (isBroken = true));
      throw error;
    } finally {
      client.off("error", onError);
      client.release(isBroken);
    }
  }

  async #query(text: string, values: readonly Value[]): Promise<postgres.QueryResult<Row>> {
    let place = 0;
    // No statement of the service has a question mark that is not a place.
    const numbered = text.replace(/\?/g, () => `$${++place}`);
    try {
      return await this.#asked.query<Row>(numbered, [...values]);
    } catch (error) {
      throw recordError(error);
    }
  }
}

function loaded(): typeof postgres {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who shares a record has it
    return require("pg") as typeof postgres;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new GroundworkError("failed", "PostgreSQL needs a package that is not installed: pg", {
      remedy: "run: npm install pg",
    });
  }
}
