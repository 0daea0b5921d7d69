/** Tables of changes of many stacks, in words that SQLite and PostgreSQL both understand. */
export const FLEET_TABLES = `
CREATE TABLE fleet_runs (
  id TEXT PRIMARY KEY,
  fleet TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  message TEXT,
  at_once INTEGER NOT NULL,
  may_fail INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  ended_at TEXT
);
CREATE UNIQUE INDEX one_run_of_a_fleet ON fleet_runs (fleet) WHERE state = 'running';
CREATE TABLE fleet_stacks (
  run TEXT NOT NULL,
  place INTEGER NOT NULL,
  wave INTEGER NOT NULL,
  stack TEXT NOT NULL,
  state TEXT NOT NULL,
  operation TEXT,
  code TEXT,
  problem TEXT,
  PRIMARY KEY (run, place)
);
`;
