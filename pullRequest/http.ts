import { setTimeout as sleep } from "node:timers/promises";
import { GroundworkError } from "../config/groundworkError";
import type { Secret } from "../config/secret";

/** A repository on GitHub, on Gitea or Forgejo, or on GitLab, with the right to write comments or issues there. */
export interface Forge {
  readonly kind: "github" | "gitea" | "gitlab";
  /** Base of its API, without a slash at the end: `https://api.github.com`, `https://gitea.example.org/api/v1`. */
  readonly api: string;
  /** `owner/name`; on GitLab with all of its groups. */
  readonly repository: string;
  readonly token: Secret;
}

/** What is asked of the network: `fetch`, or a stand-in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A forge that did not do what it was asked. */
export class ForgeError extends GroundworkError {
  override readonly name = "ForgeError";
  /** Of its answer; undefined where there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super("failed", message);
    this.status = status;
  }
}

/** More pages than this are a server that repeats itself without end. */
const MOST_PAGES = 1_000;

/** Entries a page: the most that each forge gives by its default settings. */
const PAGE = { github: 100, gitea: 50, gitlab: 100 } as const;

const TIMEOUT_MS = 30_000;

/** The longest that a forge's limit of requests is waited for, in seconds, and how often. */
const LONGEST_WAIT = 60;
const MOST_WAITS = 3;

/** What a forge calls a pull request. */
export function requestWord({ kind }: Pick<Forge, "kind">): string {
  return kind === "gitlab" ? "merge request" : "pull request";
}

/**
 * Entries of a list, page by page, until a page is empty or brings nothing new: a server may give fewer a page than it is
 * asked for, and one that knows no pages gives the same every time.
 */
export async function allPages(
  forge: Forge,
  fetch: Fetch,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<unknown[]> {
  const entries: unknown[] = [];
  const seen = new Set<number>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const size = String(PAGE[forge.kind]);
    const search = new URLSearchParams({ ...query, per_page: size, limit: size, page: String(page) });
    const list = await request(forge, fetch, "GET", `${path}?${search.toString()}`);
    if (!Array.isArray(list)) throw new ForgeError(`${forge.api} did not answer ${path} with a list`);
    const fresh = list.filter((entry) => !seen.has(numberOf(entry, "id")));
    if (fresh.length === 0) return entries;
    for (const entry of fresh) seen.add(numberOf(entry, "id"));
    entries.push(...(fresh as unknown[]));
  }
  throw new ForgeError(`${forge.api} gave more than ${MOST_PAGES} pages of ${path}`);
}

/**
 * Asks a forge. Where it has a limit of requests and says how long to wait, that is waited for, if it is short.
 *
 * @param path From the repository on; or from the API's base, where it starts with two slashes.
 */
export async function request(
  forge: Forge,
  fetch: Fetch,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const asked = path.replace(/\?.*/, "").replace(/^\/\//, "/");
  const shown = `${method} ${asked === "" ? "/" : asked}`;
  for (let waits = 0; ; waits++) {
    const response = await send(forge, fetch, shown, { method, path, body });
    const text = await response.text();
    const wait = waitOf(response);
    if (wait !== undefined) {
      if (wait > LONGEST_WAIT || waits >= MOST_WAITS) {
        throw new ForgeError(
          `${forge.api} answered ${response.status} to ${shown}: its limit of requests is reached; try again in ${wait} s`,
          response.status,
        );
      }
      await sleep(wait * 1000);
      continue;
    }
    if (!response.ok) throw new ForgeError(refusal(forge, shown, response.status, text), response.status);
    try {
      return JSON.parse(text);
    } catch {
      throw new ForgeError(`${forge.api} answered ${shown} with something that is not JSON`);
    }
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
}

async function send(forge: Forge, fetch: Fetch, shown: string, { method, path, body }: Asked): Promise<Response> {
  try {
    return await fetch(path.startsWith("//") ? forge.api + path.slice(1) : repositoryUrl(forge) + path, {
      method,
      headers: {
        accept: forge.kind === "github" ? "application/vnd.github+json" : "application/json",
        ...authorization(forge),
        "content-type": "application/json",
        "user-agent": "groundwork",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect to another host would be given the token.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new ForgeError(`${forge.api} cannot be reached for ${shown}: ${reasonOf(error)}`);
  }
}

function repositoryUrl({ kind, api, repository }: Forge): string {
  return kind === "gitlab" ? `${api}/projects/${encodeURIComponent(repository)}` : `${api}/repos/${repository}`;
}

function authorization({ kind, token }: Forge): Record<string, string> {
  return kind === "gitlab" ? { "private-token": token.reveal() } : { authorization: `token ${token.reveal()}` };
}

/**
 * Seconds to wait, where the answer is that there were too many requests. GitHub says so with 403 as well
 * (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), GitLab with 429 and `Retry-After`
 * (docs.gitlab.com/security/rate_limits).
 */
function waitOf({ status, headers }: Response): number | undefined {
  const isOver = headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after");
  if (status !== 429 && !(status === 403 && isOver)) return undefined;
  const after = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, Math.ceil(after));
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - Date.now() / 1000)) : LONGEST_WAIT;
}

const OF_GITLAB = "the scope api and the role Reporter; a job's own token (CI_JOB_TOKEN) cannot write notes or issues";

/** The right that an answer of 403 is about. */
function rightOf({ kind }: Forge, shown: string): string {
  if (kind === "gitlab") return OF_GITLAB;
  if (shown.includes("/commits/")) return "the right to read (permissions: contents: read, pull-requests: read)";
  return /\/issues(?:\/\d+)?$/.test(shown)
    ? "the right to write issues (permissions: issues: write)"
    : "the right to write comments (permissions: pull-requests: write)";
}

function refusal(forge: Forge, shown: string, status: number, text: string): string {
  const said = /"(?:message|error_description|error)"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1];
  const line = `${forge.api} answered ${status} to ${shown}${said === undefined ? "" : `: ${said}`}`;
  if (status === 401) return `${line}; the token is not valid there`;
  if (status === 403) return `${line}; the token needs ${rightOf(forge, shown)}`;
  if (status === 404) return `${line}; check the repository '${forge.repository}', the number, and the token's rights`;
  if (status >= 500) return `${line}; the forge itself failed: try again later`;
  return line;
}

/** The innermost cause: `fetch` itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function textOf(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  return typeof field === "string" ? field : "";
}

export function numberOf(value: unknown, name: string): number {
  const field = fieldOf(value, name);
  if (typeof field !== "number") throw new ForgeError(`the forge's answer has no number '${name}'`);
  return field;
}
