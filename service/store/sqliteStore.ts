import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { GroundworkError } from "../../config/groundworkError";
import { FLEET_TABLES } from "./fleetTables";
import { SESSION_TABLE } from "./sessionTable";
import type { Store } from "./store";
import { Turns } from "./turns";

const VERSION = 4;

const TABLES = `
CREATE TABLE operations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  stack TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  message TEXT,
  preview TEXT UNIQUE,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  owner TEXT
);
CREATE UNIQUE INDEX one_run_of_a_stack ON operations (stack) WHERE state = 'running';
CREATE INDEX operations_of_a_stack ON operations (stack, sequence);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  grants TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  revoked_at TEXT
);
CREATE TABLE replays (
  token TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  operation TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (token, key)
);
`;

/** What each version added to the one before it. */
const STEPS = [
  "ALTER TABLE operations ADD COLUMN owner TEXT; UPDATE operations SET owner = 'this' WHERE state <> 'queued';",
  FLEET_TABLES,
  SESSION_TABLE,
];

/** Opens the record in a directory, and makes it where there is none. */
export async function openSqlite(directory: string): Promise<Store> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = resolve(directory, "record.sqlite");
  const database = new (sqlite())(file, { timeout: 5000 });
  // FULL: a commit is on the disk before it is told. SQLite's own default in WAL mode may lose the last ones in a power cut.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  const store = over(database, file);
  try {
    await migrate(store, database);
  } catch (error) {
    database.close();
    throw error;
  }
  return store;
}

/**
 * Each record's file and whose turn it is in this process. While a transaction is open, whatever else is asked waits for its end: on the
 * same connection it would join it, and on another one SQLite would wait with the whole process, the transaction included.
 */
const turnsOfFiles = new Map<string, Turns>();

function over(database: DatabaseSync, file: string): Store {
  const turns = turnsOfFiles.get(file) ?? new Turns();
  turnsOfFiles.set(file, turns);
  // To prepare a statement takes longer than to run it; there are some dozens of them.
  const prepared = new Map<string, StatementSync>();
  const statement = (text: string): StatementSync => {
    const known = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, known);
    return known;
  };
  const statements = (turn: <T>(work: () => T) => Promise<T>): Omit<Store, "transaction"> => ({
    all: (text, ...values) => turn(() => statement(text).all(...values)),
    one: (text, ...values) => turn(() => statement(text).get(...values)),
    run: (text, ...values) => turn(() => Number(statement(text).run(...values).changes)),
    // A transaction is alone already, and nobody else has the record.
    lock: () => Promise.resolve(),
    announce: () => Promise.resolve(),
    onAnnounced: () => undefined,
    close: () => turn(() => database.close()),
  });
  // eslint-disable-next-line @typescript-eslint/require-await -- what fails is a promise that fails
  const within: Store = { ...statements(async (work) => work()), transaction: (work) => work(within) };
  return {
    ...statements((work) => turns.take(work)),
    transaction: (work) =>
      turns.take(async () => {
        // IMMEDIATE: who reads in order to write waits for other writers at once, and not in the middle.
        database.exec("BEGIN IMMEDIATE");
        try {
          const value = await work(within);
          database.exec("COMMIT");
          return value;
        } catch (error) {
          // Some failures (a full disk) have rolled back already.
          if (database.isTransaction) database.exec("ROLLBACK");
          throw error;
        }
      }),
  };
}

async function migrate(store: Store, database: DatabaseSync): Promise<void> {
  await store.transaction(async (within) => {
    const { user_version: version } = (await within.one("PRAGMA user_version")) as { user_version: number };
    if (version > VERSION) {
      throw new GroundworkError("failed", "the service's record was written by a newer Groundwork", {
        remedy: "run that version, or give this one another directory",
      });
    }
    if (version === VERSION) return;
    const wanted = version === 0 ? [TABLES, FLEET_TABLES, SESSION_TABLE] : STEPS.slice(version - 1);
    database.exec(`${wanted.join("")} PRAGMA user_version = ${VERSION}`);
  });
}

function sqlite(): typeof DatabaseSync {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- not every Node 22 has it
    return (require("node:sqlite") as { DatabaseSync: typeof DatabaseSync }).DatabaseSync;
  } catch {
    throw new GroundworkError("failed", `the service needs Node's own SQLite, which ${process.version} does not have`, {
      remedy: "run it with Node 22.13 or newer",
    });
  }
}
