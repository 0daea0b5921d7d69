import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { GroundworkError } from "../../config/groundworkError";

export type Row = Readonly<Record<string, unknown>>;

/** The service's record: what was asked for, what became of it, and who may ask. */
export interface Store {
  all(text: string, ...values: readonly SQLInputValue[]): Row[];
  /** The first row. */
  one(text: string, ...values: readonly SQLInputValue[]): Row | undefined;
  /** Runs a statement and gives how many rows it changed. */
  run(text: string, ...values: readonly SQLInputValue[]): number;
  /** All of it or nothing; what is told as done is on the disk. */
  transaction<T>(work: () => T): T;
  close(): void;
}

const VERSION = 1;

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
  outcome TEXT
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

/**
 * Opens the record in a directory, and makes it where there is none. Several processes may have it open.
 *
 * @throws GroundworkError where it is a newer Groundwork's, or Node has no SQLite.
 */
export function openStore(directory: string): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new (sqlite())(join(directory, "record.sqlite"), { timeout: 5000 });
  // FULL: a commit is on the disk before it is told. SQLite's own default in WAL mode may lose the last ones in a power cut.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  const store = over(database);
  try {
    migrate(store, database);
  } catch (error) {
    database.close();
    throw error;
  }
  return store;
}

function over(database: DatabaseSync): Store {
  return {
    all: (text, ...values) => database.prepare(text).all(...values),
    one: (text, ...values) => database.prepare(text).get(...values),
    run: (text, ...values) => Number(database.prepare(text).run(...values).changes),
    transaction: (work) => {
      // IMMEDIATE: who reads in order to write waits for other writers at once, and not in the middle.
      database.exec("BEGIN IMMEDIATE");
      try {
        const value = work();
        database.exec("COMMIT");
        return value;
      } catch (error) {
        // Some failures (a full disk) have rolled back already.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function migrate(store: Store, database: DatabaseSync): void {
  store.transaction(() => {
    const { user_version: version } = store.one("PRAGMA user_version") as { user_version: number };
    if (version > VERSION) {
      throw new GroundworkError("failed", "the service's record was written by a newer Groundwork", {
        remedy: "run that version, or give this one another directory",
      });
    }
    if (version === 0) database.exec(`${TABLES} PRAGMA user_version = ${VERSION}`);
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
