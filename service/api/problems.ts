import { STATUS_CODES } from "node:http";
import { GroundworkError } from "../../config/groundworkError";
import type { Problem } from "../../config/problem";
import type { ProblemBody } from "./schemas";

/** The status that goes with a code; what is not here is the service's own fault. */
const STATUS: Readonly<Record<string, number>> = {
  "bad-request": 400,
  "invalid-request": 400,
  "no-token": 401,
  forbidden: 403,
  "unknown-stack": 404,
  "unknown-operation": 404,
  "unknown-fleet": 404,
  "unknown-fleet-run": 404,
  "not-found": 404,
  "not-approvable": 409,
  "already-ended": 409,
  "fleet-busy": 409,
  "stack-not-found": 404,
  locked: 409,
  "too-large": 413,
  "not-json": 415,
  "key-reused": 422,
  "queue-full": 429,
  "too-many-requests": 429,
  busy: 503,
  "record-unreachable": 503,
  "issuer-away": 503,
  "no-answer": 504,
  "store-full": 507,
};

/** A failure of a request, with what it is about. */
export class RequestError extends GroundworkError<string> {
  readonly operation: string | undefined;

  constructor(
    code: string,
    message: string,
    details: { readonly remedy: string; readonly problems?: readonly Problem[]; readonly operation?: string },
  ) {
    super(code, message, details);
    this.operation = details.operation;
  }
}

/** What is answered for whatever was thrown. Of what was not expected nothing is told but that it is in the log. */
export function problemOf(error: unknown): ProblemBody {
  const known = knownError(error);
  const status = STATUS[known.code] ?? (known.code === "unexpected" ? 500 : 502);
  return {
    type: `urn:groundwork:problem:${known.code}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: known.message,
    ...(known.remedy === "" ? {} : { remedy: known.remedy }),
    ...(known.problems.length === 0 ? {} : { problems: [...known.problems] }),
    ...(known instanceof RequestError && known.operation !== undefined ? { operation: known.operation } : {}),
  };
}

/** What Fastify, its plugins, Node and SQLite throw. */
interface ForeignError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  /** SQLite's result code; PostgreSQL's is in `code`. */
  readonly errcode?: number;
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[];
  readonly validationContext?: string;
}

const SQLITE_FULL = 13;
const POSTGRES_FULL = "53100";

function knownError(error: unknown): GroundworkError<string> {
  if (GroundworkError.isInstance(error)) return error;
  const {
    code = "",
    statusCode,
    errcode,
    validation,
    message = "",
    validationContext = "body",
  } = error as ForeignError;
  if (validation !== undefined) {
    const problems = validation.map((one) => ({
      path: [validationContext, ...(one.instancePath ?? "").split("/").filter((step) => step !== "")].join("."),
      problem: one.message ?? "is not right",
      remedy: "GET /openapi.json tells what is expected",
    }));
    const remedy = "correct what stands in `problems`";
    return new RequestError("invalid-request", "the request is not as it has to be", { remedy, problems });
  }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new RequestError("too-large", "the body is larger than any request has to be", { remedy: "send less" });
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new RequestError("not-json", "the body is not JSON by its Content-Type", {
      remedy: "send application/json",
    });
  }
  if (
    code === "FST_ERR_CTP_INVALID_JSON_BODY" ||
    code === "FST_ERR_CTP_EMPTY_JSON_BODY" ||
    error instanceof SyntaxError
  ) {
    return new RequestError("bad-request", "the body is not valid JSON", { remedy: "correct it; nothing was done" });
  }
  if (code === "FST_UNDER_PRESSURE" || statusCode === 503) {
    return new RequestError("busy", "the service has more to do than it can", {
      remedy: "try again after `Retry-After`",
    });
  }
  if (errcode === SQLITE_FULL || code === POSTGRES_FULL || code === "ENOSPC") {
    const remedy = "make room on the disk of the service's directory; nothing was started";
    return new RequestError("store-full", "the service's disk is full", { remedy });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new RequestError("bad-request", message, { remedy: "correct the request; nothing was done" });
  }
  return new RequestError("unexpected", "this was not expected; the service's log tells more", { remedy: "" });
}
