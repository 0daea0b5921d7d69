import { commentBody, markerOf, type CommentContent } from "./commentBody";
import { commentsOf, createComment, pullRequestsFrom, updateComment, type Fetch, type Forge } from "./forge";

/** Whom a forge's own workflow token writes as. */
export const WORKFLOW_AUTHORS = ["github-actions[bot]", "gitea-actions", "forgejo-actions"];

/** What was done, in the words of the command's output. */
export interface Posted {
  readonly did: "created" | "updated" | "unchanged";
  readonly id: number;
}

/**
 * Puts one comment on a pull request: the one that is there with the same key is updated, so that a busy pull request has
 * one, and it stays where it is. Only comments by `authors` are taken for our own, since anyone can write the marker.
 *
 * @throws GroundworkError when the forge cannot be reached or refuses.
 */
export async function putComment(
  forge: Forge,
  fetch: Fetch,
  pullRequest: number,
  content: CommentContent,
  authors: readonly string[] = WORKFLOW_AUTHORS,
): Promise<Posted> {
  const marker = markerOf(content.key);
  const body = commentBody(content);
  const found = (await commentsOf(forge, fetch, pullRequest)).find(
    (comment) => authors.includes(comment.author) && comment.body.trimStart().startsWith(marker),
  );
  if (found === undefined) return { did: "created", id: await createComment(forge, fetch, pullRequest, body) };
  if (found.body.replaceAll("\r\n", "\n").trim() === body.trim()) return { did: "unchanged", id: found.id };
  await updateComment(forge, fetch, found.id, body);
  return { did: "updated", id: found.id };
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
