import { allPages, fieldOf, ForgeError, numberOf, request, requestWord, textOf, type Fetch, type Forge } from "./http";

export type { Fetch, Forge } from "./http";

export interface Comment {
  readonly id: number;
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
