import { COMMENT_LIMIT } from "../plan/render/fitting";
import { details, inline } from "../plan/render/markdownParts";
import { commentBody, markerOf, type CommentContent } from "./commentBody";
import {
  commentsOf,
  createComment,
  pullRequestsFrom,
  updateComment,
  type Comment,
  type Fetch,
  type Forge,
} from "./forge";
import { ownOf, withoutReturns } from "./own";

/** What was done, in the words of the command's output. */
export interface Posted {
  readonly did: "created" | "updated" | "unchanged" | "folded";
  readonly id: number;
}

/**
 * Puts one comment on a pull request: the one that is there with the same key is updated, so that a busy pull request has
 * one, and it stays where it is. Only comments by `authors` are taken for our own, since anyone can write the marker. Where
 * there are several, as two runs at once make them, the later ones are folded as outdated.
 *
 * @param authors By default whom a workflow writes as, and where the forge tells it, whose token it is.
 * @throws GroundworkError when the forge cannot be reached or refuses.
 */
export async function putComment(
  forge: Forge,
  fetch: Fetch,
  pullRequest: number,
  content: CommentContent,
  authors?: readonly string[],
): Promise<Posted> {
  const marker = markerOf(content.key);
  const body = commentBody(content);
  const [found, ...others] = await ownComments(forge, fetch, pullRequest, marker, authors);
  if (found === undefined) return { did: "created", id: await createComment(forge, fetch, pullRequest, body) };
  for (const other of others) {
    await update(forge, fetch, pullRequest, other, outdated(other.body, marker, `there is a newer one above`));
  }
  return await update(forge, fetch, pullRequest, found, body);
}

/**
 * Folds the comment that is there, because it is not about what the pull request is now. It stays the one that the next report is put in.
 *
 * @returns undefined where there is none.
 */
export async function foldComment(
  forge: Forge,
  fetch: Fetch,
  pullRequest: number,
  {
    key,
    why,
    authors,
  }: { readonly key: string; readonly why: string; readonly authors?: readonly string[] | undefined },
): Promise<Posted | undefined> {
  const marker = markerOf(key);
  const [found] = await ownComments(forge, fetch, pullRequest, marker, authors);
  if (found === undefined) return undefined;
  const posted = await update(forge, fetch, pullRequest, found, outdated(found.body, marker, why));
  return posted.did === "updated" ? { ...posted, did: "folded" } : posted;
}

/** Comments that begin with the marker and are by us, oldest first. */
export async function ownComments(
  forge: Forge,
  fetch: Fetch,
  pullRequest: number,
  marker: string,
  authors: readonly string[] | undefined,
): Promise<Comment[]> {
  return await ownOf(await commentsOf(forge, fetch, pullRequest), { forge, fetch, marker, authors });
}

async function update(forge: Forge, fetch: Fetch, pullRequest: number, found: Comment, body: string): Promise<Posted> {
  if (withoutReturns(found.body).trim() === body.trim()) return { did: "unchanged", id: found.id };
  await updateComment(forge, fetch, pullRequest, found.id, body);
  return { did: "updated", id: found.id };
}

/** A comment under its own marker, to be opened; one that is folded already gets the new reason alone. */
function outdated(body: string, marker: string, why: string): string {
  const content = withoutReturns(body).trim().slice(marker.length).trim();
  const inner = /^<details><summary>Outdated: [^<]*<\/summary>\n\n([^]*)\n<\/details>$/.exec(content)?.[1] ?? content;
  const folded = `${marker}\n${details(`Outdated: ${why}`, [inner])}`;
  return folded.length <= COMMENT_LIMIT ? folded : `${marker}\nOutdated: ${inline(why)}.\n`;
}

/** Where a workflow's head commit comes from, as the forge's own event tells it: never what the pull request's code says. */
export interface Head {
  readonly owner: string;
  readonly branch: string;
  readonly sha: string;
}

/**
 * The number of the open pull request that has exactly this commit as its head; undefined when there is none (any more),
 * because it was closed or pushed to since.
 */
export async function pullRequestOf(forge: Forge, fetch: Fetch, head: Head): Promise<number | undefined> {
  const candidates = await pullRequestsFrom(forge, fetch, head.owner, head.branch);
  return candidates.find((candidate) => candidate.headSha === head.sha)?.number;
}
