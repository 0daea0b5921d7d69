import { allPages, fieldOf, ForgeError, numberOf, request, requestWord, textOf, type Fetch, type Forge } from "./http";

export type { Fetch, Forge } from "./http";

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

/** The commits as which a pull request was merged; none where it was not. */
function mergedAs(entry: unknown, isGitLab: boolean): string[] {
  const of = (names: readonly string[]): string[] =>
    names.map((name) => textOf(entry, name)).filter((commit) => commit !== "");
  if (!isGitLab) return textOf(entry, "merged_at") === "" ? [] : of(["merge_commit_sha"]);
  if (textOf(entry, "state") !== "merged") return [];
  const made = of(["merge_commit_sha", "squash_commit_sha"]);
  // A fast-forward has no commit of its own: the head is what was merged.
  return made.length > 0 ? made : of(["sha"]);
}

export interface Issue {
  readonly number: number;
  readonly body: string;
  readonly author: string;
}

export interface PullRequest {
  readonly number: number;
  readonly headSha: string;
}

/** All comments of a pull request, oldest first, through all pages. */
export async function commentsOf(forge: Forge, fetch: Fetch, pullRequest: number): Promise<Comment[]> {
  const isGitLab = forge.kind === "gitlab";
  // GitLab gives the newest first where it is not asked otherwise.
  const order: Record<string, string> = isGitLab ? { sort: "asc", order_by: "created_at" } : {};
  let entries: unknown[];
  try {
    entries = await allPages(forge, fetch, commentsPath(forge, pullRequest), order);
  } catch (error) {
    throw await missing(forge, fetch, pullRequest, error);
  }
  // What GitLab itself notes, such as a new commit, is a note as well.
  return entries
    .filter((entry) => fieldOf(entry, "system") !== true)
    .map((entry) => ({
      id: numberOf(entry, "id"),
      body: textOf(entry, "body"),
      author: isGitLab ? textOf(fieldOf(entry, "author"), "username") : textOf(fieldOf(entry, "user"), "login"),
    }));
}

/** The open pull requests whose head is a branch of a repository of `owner`. */
export async function pullRequestsFrom(
  forge: Forge,
  fetch: Fetch,
  owner: string,
  branch: string,
): Promise<PullRequest[]> {
  if (forge.kind === "gitlab") {
    const filter = { state: "opened", source_branch: branch };
    const entries = await allPages(forge, fetch, "/merge_requests", filter);
    return entries.map((entry) => ({ number: numberOf(entry, "iid"), headSha: textOf(entry, "sha") }));
  }
  // Gitea has no filter by head: all open ones are looked through.
  const filter: Record<string, string> = forge.kind === "github" ? { head: `${owner}:${branch}` } : {};
  const entries = await allPages(forge, fetch, "/pulls", { state: "open", ...filter });
  return entries
    .filter((entry) => textOf(fieldOf(entry, "head"), "ref") === branch)
    .map((entry) => ({ number: numberOf(entry, "number"), headSha: textOf(fieldOf(entry, "head"), "sha") }));
}

/**
 * The pull request that brought a commit to the branch where it is: merged as this very commit, squashed or not.
 *
 * @returns undefined where there is none, because it was pushed without one.
 */
export async function pullRequestMergedAs(forge: Forge, fetch: Fetch, commit: string): Promise<number | undefined> {
  if (forge.kind === "gitea") {
    // Gives the one that was merged as this commit, and 404 where there is none.
    try {
      return numberOf(await request(forge, fetch, "GET", `/commits/${commit}/pull`), "number");
    } catch (error) {
      if (!(error instanceof ForgeError) || error.status !== 404 || (await isMissing(forge, fetch, ""))) throw error;
      return undefined;
    }
  }
  const isGitLab = forge.kind === "gitlab";
  // The others give each that has the commit, merged or not.
  const path = isGitLab ? `/repository/commits/${commit}/merge_requests` : `/commits/${commit}/pulls`;
  const entries = await allPages(forge, fetch, path, {});
  const found = entries.find((entry) => mergedAs(entry, isGitLab).includes(commit));
  return found === undefined ? undefined : numberOf(found, isGitLab ? "iid" : "number");
}

export async function createComment(forge: Forge, fetch: Fetch, pullRequest: number, body: string): Promise<number> {
  return numberOf(await request(forge, fetch, "POST", commentsPath(forge, pullRequest), { body }), "id");
}

export async function updateComment(
  forge: Forge,
  fetch: Fetch,
  pullRequest: number,
  comment: number,
  body: string,
): Promise<void> {
  if (forge.kind === "gitlab") {
    await request(forge, fetch, "PUT", `${commentsPath(forge, pullRequest)}/${comment}`, { body });
  } else {
    await request(forge, fetch, "PATCH", `/issues/comments/${comment}`, { body });
  }
}

/** All open issues, through all pages; pull requests, which GitHub and Gitea count among them, left out. */
export async function openIssues(forge: Forge, fetch: Fetch): Promise<Issue[]> {
  const isGitLab = forge.kind === "gitlab";
  const entries = await allPages(
    forge,
    fetch,
    "/issues",
    isGitLab ? { state: "opened" } : { state: "open", ...(forge.kind === "gitea" ? { type: "issues" } : {}) },
  );
  return entries
    .filter((entry) => (fieldOf(entry, "pull_request") ?? undefined) === undefined)
    .map((entry) =>
      isGitLab
        ? {
            number: numberOf(entry, "iid"),
            body: textOf(entry, "description"),
            author: textOf(fieldOf(entry, "author"), "username"),
          }
        : {
            number: numberOf(entry, "number"),
            body: textOf(entry, "body"),
            author: textOf(fieldOf(entry, "user"), "login"),
          },
    );
}

/** @returns its number. */
export async function createIssue(
  forge: Forge,
  fetch: Fetch,
  { title, body }: { readonly title: string; readonly body: string },
): Promise<number> {
  const isGitLab = forge.kind === "gitlab";
  const sent = isGitLab ? { title, description: body } : { title, body };
  return numberOf(await request(forge, fetch, "POST", "/issues", sent), isGitLab ? "iid" : "number");
}

export async function updateIssue(
  forge: Forge,
  fetch: Fetch,
  number: number,
  { body, close }: { readonly body: string; readonly close: boolean },
): Promise<void> {
  if (forge.kind === "gitlab") {
    const state = close ? { state_event: "close" } : {};
    await request(forge, fetch, "PUT", `/issues/${number}`, { description: body, ...state });
  } else {
    await request(forge, fetch, "PATCH", `/issues/${number}`, { body, ...(close ? { state: "closed" } : {}) });
  }
}

/** Whom the token writes as, where the forge says so to a token of its kind: a project's token of GitLab has a user of its own. */
export async function ownName(forge: Forge, fetch: Fetch): Promise<string | undefined> {
  if (forge.kind !== "gitlab") return undefined;
  const name = textOf(await request(forge, fetch, "GET", "//user"), "username");
  return name === "" ? undefined : name;
}

function commentsPath({ kind }: Forge, pullRequest: number): string {
  return kind === "gitlab" ? `/merge_requests/${pullRequest}/notes` : `/issues/${pullRequest}/comments`;
}

/** What a 404 means, and the 500 of a Gitea that has no such pull request: the repository is asked for, then the pull request. */
async function missing(forge: Forge, fetch: Fetch, pullRequest: number, error: unknown): Promise<unknown> {
  const { status } = error instanceof ForgeError ? error : { status: undefined };
  if (status !== 404 && !(status === 500 && forge.kind === "gitea")) return error;
  const word = requestWord(forge);
  if (await isMissing(forge, fetch, "")) {
    return new ForgeError(`${forge.api} has no repository '${forge.repository}', or the token may not see it`, status);
  }
  const path = forge.kind === "gitlab" ? `/merge_requests/${pullRequest}` : `/pulls/${pullRequest}`;
  if (!(await isMissing(forge, fetch, path))) return error;
  return new ForgeError(
    `there is no ${word} ${pullRequest} in ${forge.repository}, or the token may not see it; check its number`,
    status,
  );
}

async function isMissing(forge: Forge, fetch: Fetch, path: string): Promise<boolean> {
  try {
    await request(forge, fetch, "GET", path);
    return false;
  } catch (error) {
    return error instanceof ForgeError && error.status === 404;
  }
}
