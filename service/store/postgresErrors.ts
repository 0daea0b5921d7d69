import { GroundworkError } from "../../config/groundworkError";

/** What PostgreSQL's client throws: a code of the server's (SQLSTATE), of Node's sockets, or none. */
interface Thrown {
  readonly code?: string;
  readonly message?: string;
}

const SOCKET = /^(ECONN\w+|ENOTFOUND|EAI_\w+|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT)$/;
/** Class 08, a server that stops or starts, one that is full, one that was made a standby, a transaction that idled. */
const SERVER = /^(08\w{3}|57P0[1235]|53300|25006|25P0[34])$/;
const WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered))/;
const LOGIN = /^(28P01|28000)$/;
const TLS = /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/;

/** Somebody else was quicker (unique index), or two were in each other's way: what is done again from its start finds that out. */
export function isWorthAgain(error: unknown): boolean {
  return ["23505", "40001", "40P01"].includes((error as Thrown).code ?? "");
}

/** Whether the connection is of no use any more, or there was none. */
export function isUnreachable(error: unknown): boolean {
  const { code = "", message = "" } = error as Thrown;
  return SOCKET.test(code) || SERVER.test(code) || LOGIN.test(code) || TLS.test(code) || WORDS.test(message);
}

export const UNREACHABLE = "record-unreachable";

/** An error as callers know it; one that is not known stays as it is. */
export function recordError(error: unknown): unknown {
  if (GroundworkError.isInstance(error)) return error;
  const { code } = error as Thrown;
  if (isUnreachable(error)) {
    const known = new GroundworkError<string>(UNREACHABLE, "the service's record, a PostgreSQL, cannot be reached", {
      remedy: "try again in a few seconds, with the same Idempotency-Key where there was one",
    });
    known.cause = error;
    return known;
  }
  if (code === "22021") {
    return new GroundworkError<string>("bad-request", "a text has a character that PostgreSQL does not keep (NUL)", {
      remedy: "send it without",
    });
  }
  return error;
}

/** Why a service cannot begin with a database, in words for its operator; the password is in none. */
export function openingError(error: unknown, url: URL): unknown {
  if (GroundworkError.isInstance(error)) return error;
  const { code = "", message = "" } = error as Thrown;
  const database = decodeURIComponent(url.pathname.slice(1));
  const failed = (what: string, remedy: string): GroundworkError => new GroundworkError("failed", what, { remedy });
  if (LOGIN.test(code) || message.startsWith("SASL")) {
    return failed(
      `PostgreSQL does not let the service in: ${message}`,
      "correct user and password in the database's URL",
    );
  }
  if (code === "3D000") return failed(`PostgreSQL: ${message}`, `create it, with the service's user as its owner`);
  if (code === "42501") {
    const remedy = `make the service's user the owner of the database '${database}', or let it create tables there`;
    return failed(`PostgreSQL: ${message}`, remedy);
  }
  if (code === "42P07") {
    return failed(`PostgreSQL: ${message}, and is not the service's`, "give it a database of its own");
  }
  if (TLS.test(code) || message.includes("SSL")) {
    const remedy = "correct sslmode and sslrootcert in the database's URL; docs/service.md tells what they mean";
    return failed(`no TLS with PostgreSQL at ${placeOf(url)}: ${message}`, remedy);
  }
  if (isUnreachable(error)) {
    const remedy = "look whether it runs, and correct the host in the database's URL";
    return failed(`PostgreSQL at ${placeOf(url)} cannot be reached: ${code === "" ? message : code}`, remedy);
  }
  return error;
}

function placeOf(url: URL): string {
  const host = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  const port = url.searchParams.get("port") ?? url.port;
  return `${host === "" ? "its socket" : host}${port === "" ? "" : `:${port}`}`;
}
