import type { ServiceSettings } from "../settings/serviceFile";
import type * as postgres from "./postgresStore";
import { openSqlite } from "./sqliteStore";
import type { Store } from "./store";

/**
 * Opens the record, and makes it where there is none: the PostgreSQL of the settings, or SQLite in their directory. Several processes
 * may have it open.
 *
 * @throws GroundworkError where it is a newer Groundwork's, cannot be reached, or what it needs is not installed.
 */
export async function openStore({
  directory,
  database,
}: Pick<ServiceSettings, "directory" | "database">): Promise<Store> {
  if (database === undefined) return openSqlite(directory);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who shares a record has its package
  return (require("./postgresStore") as typeof postgres).openPostgres(database.url);
}
