import { GroundworkError } from "../config/groundworkError";
import type { Secret } from "../config/secret";

/** A repository on GitHub, or on Gitea or Forgejo, with the right to comment on its pull requests. */
export interface Forge {
  readonly kind: "github" | "gitea";
  /** Base of its API, without a slash at the end: `https://api.github.com`, `https://gitea.example.org/api/v1`. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: Secret;
}

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

export interface PullRequest {
  readonly number: number;
  readonly headSha: string;
}

/** What is asked of the network: `fetch`, or a stand-in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** More pages than this are a server that repeats itself without end. */
const MOST_PAGES = 1_000;

/** Entries a page: the most that each forge gives by its default settings. */
const PAGE = { github: 100, gitea: 50 } as const;

const TIMEOUT_MS = 30_000;

/** All comments of a pull request, oldest first, through all pages. */
export async function commentsOf(forge: Forge, fetch: Fetch, pullRequest: number): Promise<Comment[]> {
  return (await allPages(forge, fetch, `/issues/${pullRequest}/comments`, {})).map((entry) => ({
    id: numberOf(entry, "id"),
    body: textOf(entry, "body"),
    author: textOf(fieldOf(entry, "user"), "login"),
  }));
}

/** The open pull requests whose head is a branch of a repository of `owner`. */
export async function pullRequestsFrom(
  forge: Forge,
  fetch: Fetch,
  owner: string,
  branch: string,
): Promise<PullRequest[]> {
  // Gitea has no filter by head: all open ones are looked through.
  const filter: Record<string, string> = forge.kind === "github" ? { head: `${owner}:${branch}` } : {};
  const entries = await allPages(forge, fetch, "/pulls", { state: "open", ...filter });
  return entries
    .filter((entry) => textOf(fieldOf(entry, "head"), "ref") === branch)
    .map((entry) => ({ number: numberOf(entry, "number"), headSha: textOf(fieldOf(entry, "head"), "sha") }));
}

export async function createComment(forge: Forge, fetch: Fetch, pullRequest: number, body: string): Promise<number> {
  return numberOf(await request(forge, fetch, "POST", `/issues/${pullRequest}/comments`, { body }), "id");
}

export async function updateComment(forge: Forge, fetch: Fetch, comment: number, body: string): Promise<void> {
  await request(forge, fetch, "PATCH", `/issues/comments/${comment}`, { body });
}

/**
 * Entries of a list, page by page, until a page is empty or brings nothing new: a server may give fewer a page than it is
 * asked for, and one that knows no pages gives the same every time.
 */
async function allPages(
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
    if (!Array.isArray(list)) throw forgeError(`${forge.api} did not answer ${path} with a list`);
    const fresh = list.filter((entry) => !seen.has(numberOf(entry, "id")));
    if (fresh.length === 0) return entries;
    for (const entry of fresh) seen.add(numberOf(entry, "id"));
    entries.push(...(fresh as unknown[]));
  }
  throw forgeError(`${forge.api} gave more than ${MOST_PAGES} pages of ${path}`);
}

async function request(forge: Forge, fetch: Fetch, method: string, path: string, body?: object): Promise<unknown> {
  const shown = `${method} ${path.replace(/\?.*/, "")}`;
  let response: Response;
  try {
    response = await fetch(`${forge.api}/repos/${forge.repository}${path}`, {
      method,
      headers: {
        accept: forge.kind === "github" ? "application/vnd.github+json" : "application/json",
        authorization: `token ${forge.token.reveal()}`,
        "content-type": "application/json",
        "user-agent": "groundwork",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect to another host would be given the token.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw forgeError(`${forge.api} cannot be reached for ${shown}: ${reasonOf(error)}`);
  }
  const text = await response.text();
  if (!response.ok) throw forgeError(refusal(forge, shown, response.status, text));
  try {
    return JSON.parse(text);
  } catch {
    throw forgeError(`${forge.api} answered ${shown} with something that is not JSON`);
  }
}

/** A forge that did not do what it was asked: one line, never the token. */
function forgeError(message: string): GroundworkError {
  return new GroundworkError("failed", `comment: ${message}`);
}

function refusal(forge: Forge, shown: string, status: number, text: string): string {
  const said = /"message"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1];
  const line = `${forge.api} answered ${status} to ${shown}${said === undefined ? "" : `: ${said}`}`;
  if (status === 401) return `${line}; the token is not valid there`;
  if (status === 403) return `${line}; the token needs the right to write comments (permissions: pull-requests: write)`;
  if (status === 404) return `${line}; check the repository '${forge.repository}', the number, and the token's rights`;
  if (status === 500 && forge.kind === "gitea" && shown.startsWith("GET /issues/")) {
    return `${line}; Gitea answers so where there is no such pull request: check its number`;
  }
  return line;
}

/** The innermost cause: `fetch` itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  return typeof field === "string" ? field : "";
}

function numberOf(value: unknown, name: string): number {
  const field = fieldOf(value, name);
  if (typeof field !== "number") throw forgeError(`the forge's answer has no number '${name}'`);
  return field;
}
