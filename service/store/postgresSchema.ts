import { GroundworkError } from "../../config/groundworkError";
import { FLEET_TABLES } from "./fleetTables";
import { SESSION_TABLE } from "./sessionTable";
import type { Store } from "./store";

const VERSION = 3;

/** Times are texts of one form, which sort as they are; so does every name. */
const TABLES = `
CREATE TABLE operations (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  stack TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  requested_by TEXT NOT NULL,
  message TEXT,
  preview TEXT UNIQUE,
  created_at TEXT COLLATE "C" NOT NULL,
  started_at TEXT COLLATE "C",
  ended_at TEXT COLLATE "C",
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  owner TEXT
);
CREATE UNIQUE INDEX one_run_of_a_stack ON operations (stack) WHERE state = 'running';
CREATE INDEX operations_of_a_stack ON operations (stack, sequence);
CREATE INDEX operations_that_wait ON operations (sequence) WHERE state = 'queued';
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  grants TEXT NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL,
  expires_at TEXT COLLATE "C" NOT NULL,
  revoked_at TEXT COLLATE "C"
);
CREATE TABLE replays (
  token TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  operation TEXT NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (token, key)
);
CREATE TABLE instances (
  id TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  host TEXT NOT NULL,
  beats BIGINT NOT NULL,
  gone_seconds INTEGER NOT NULL,
  seen_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE events (
  operation TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (operation, number)
);
CREATE TABLE plans (
  operation TEXT PRIMARY KEY REFERENCES operations (id) ON DELETE CASCADE,
  bytes BIGINT NOT NULL,
  content TEXT
)
`;

/** Makes the tables, one service at a time, however many are started at once. @throws GroundworkError where they are a newer Groundwork's. */
export async function migrate(store: Store): Promise<void> {
  await store.transaction(async (within) => {
    await within.lock("schema");
    await within.run("CREATE TABLE IF NOT EXISTS groundwork_schema (version INTEGER NOT NULL)");
    const row = (await within.one("SELECT version FROM groundwork_schema")) as { version: number } | undefined;
    if (row !== undefined && row.version > VERSION) {
      throw new GroundworkError("failed", "the database has the record of a newer Groundwork", {
        remedy: "run that version, or give this one another database",
      });
    }
    if (row?.version === VERSION) return;
    const steps = [FLEET_TABLES, SESSION_TABLE];
    const wanted = (row === undefined ? [TABLES, ...steps] : steps.slice(row.version - 1)).join(";");
    for (const statement of wanted.split(";").filter((text) => text.trim() !== "")) await within.run(statement);
    await within.run("DELETE FROM groundwork_schema");
    await within.run("INSERT INTO groundwork_schema (version) VALUES (?)", VERSION);
  });
}
