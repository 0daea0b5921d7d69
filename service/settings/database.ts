import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Problem } from "../../config/problem";
import { Secret } from "../../config/secret";
import { isLoopback } from "./loopback";

export const databaseSchema = z.strictObject({
  /** Its content is the URL of the PostgreSQL that several services share, with the password. */
  urlFile: z.string().min(1).optional(),
  /** After how long without a sign of life another service ends an instance's operations. */
  goneSeconds: z.number().int().min(6).max(3600).default(60),
});

/** The PostgreSQL that several services share. */
export interface DatabaseSettings {
  readonly url: Secret;
  readonly goneSeconds: number;
}

interface Given {
  readonly urlFile: string | undefined;
  readonly goneSeconds: number;
  /** `DATABASE_URL` of the service's environment. */
  readonly fromEnvironment: string | undefined;
}

const FORM = "postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full";
const MODES = ["disable", "require", "verify-ca", "verify-full"];

/** Undefined where there is none: the record is SQLite then. What is wrong is in `problems`, without the URL. */
export function readDatabase({ urlFile, goneSeconds, fromEnvironment }: Given): {
  readonly database: DatabaseSettings | undefined;
  readonly problems: readonly Problem[];
} {
  const refused = (path: string, problem: string, remedy: string): ReturnType<typeof readDatabase> => ({
    database: undefined,
    problems: [{ path, problem, remedy }],
  });
  if (urlFile !== undefined && fromEnvironment !== undefined) {
    return refused("database.urlFile", "is given besides DATABASE_URL", "give one of them");
  }
  if (fromEnvironment !== undefined) {
    const url = urlIn(fromEnvironment);
    if (url !== undefined && hasPassword(url)) {
      const problem = "has a password, and a process's environment is no place for one";
      return refused("DATABASE_URL", problem, "write the URL into a file (chmod 600) and name it in database.urlFile");
    }
    return ofUrl("DATABASE_URL", url, goneSeconds);
  }
  if (urlFile === undefined || !existsSync(urlFile)) return { database: undefined, problems: [] };
  return ofUrl("database.urlFile", urlIn(readFileSync(urlFile, "utf8")), goneSeconds);
}

function ofUrl(path: string, url: URL | undefined, goneSeconds: number): ReturnType<typeof readDatabase> {
  if (url === undefined) {
    return {
      database: undefined,
      problems: [{ path, problem: "has no URL of a PostgreSQL", remedy: `write ${FORM}` }],
    };
  }
  const problems = urlProblems(url).map(({ problem, remedy }) => ({ path, problem, remedy }));
  // sslmode means what it means for PostgreSQL's own programs.
  url.searchParams.set("uselibpqcompat", "true");
  return { database: { url: Secret.of(url.href), goneSeconds }, problems };
}

function urlIn(text: string): URL | undefined {
  try {
    const url = new URL(text.trim());
    return url.protocol === "postgres:" || url.protocol === "postgresql:" ? url : undefined;
  } catch {
    return undefined;
  }
}

function hasPassword(url: URL): boolean {
  return url.password !== "" || url.searchParams.has("password");
}

function urlProblems(url: URL): Omit<Problem, "path">[] {
  const { searchParams: query } = url;
  const [mode, root] = [query.get("sslmode"), query.get("sslrootcert")];
  const host = query.get("host") ?? decodeURIComponent(url.hostname);
  const problems: Omit<Problem, "path">[] = [];
  if (url.pathname.length < 2) problems.push({ problem: "names no database", remedy: `write ${FORM}` });
  if (mode !== null && !MODES.includes(mode)) {
    problems.push({ problem: `has sslmode=${mode}`, remedy: `write one of ${MODES.join(", ")}` });
  }
  if (mode === null && !isHere(host)) {
    problems.push({
      problem: `says nothing of TLS, and '${host}' is another machine`,
      remedy: "add sslmode=verify-full (and sslrootcert=FILE), or sslmode=disable where the network is trusted",
    });
  }
  if (mode === "verify-ca" && root === null) {
    problems.push({ problem: "has sslmode=verify-ca and no sslrootcert", remedy: "add sslrootcert=FILE" });
  }
  if (root !== null && !existsSync(root)) {
    problems.push({ problem: `has sslrootcert=${root}, which is not there`, remedy: "write it, or mount it" });
  }
  return problems;
}

/** A socket, or an address that only this machine reaches. */
function isHere(host: string): boolean {
  return host === "" || host.startsWith("/") || isLoopback(host);
}
