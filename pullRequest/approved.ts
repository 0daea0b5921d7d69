import { GroundworkError } from "../config/groundworkError";
import { ownComments } from "./comment";
import { markerOf } from "./commentBody";
import { digestIn } from "./digestLines";
import { pullRequestMergedAs, type Fetch, type Forge } from "./forge";
import { requestWord } from "./http";

export interface Merged {
  /** The commit that is on the branch now, all 40 digits. */
  readonly commit: string;
  readonly stack: string;
  /** Of the comment. */
  readonly key: string;
  /** Whom comments are taken from; by default as when they are written. */
  readonly authors?: readonly string[] | undefined;
}

const BY_HAND =
  "read what 'up' would do now (groundwork plan --live), and start it by hand with the digest that this tells";

/**
 * The digest of what was approved for a stack: that of the live preview in the comment on the pull request that was merged as a commit.
 *
 * @throws GroundworkError when there is none.
 */
export async function approvedDigest(forge: Forge, fetch: Fetch, merged: Merged): Promise<string> {
  const { commit, stack, key, authors } = merged;
  const number = await pullRequestMergedAs(forge, fetch, commit);
  const word = requestWord(forge);
  if (number === undefined) {
    throw new GroundworkError(
      "failed",
      `no ${word} of ${forge.repository} was merged as commit ${commit}, so nobody approved what it does to ${stack}`,
      { remedy: BY_HAND },
    );
  }
  const marker = markerOf(key);
  const [comment] = await ownComments(forge, fetch, number, marker, authors);
  const digest = comment === undefined ? undefined : digestIn(comment.body, marker, stack);
  if (digest !== undefined) return digest;
  const why =
    comment === undefined
      ? "has no comment of this command"
      : `has no live preview of stack ${stack} in its comment, or an outdated one`;
  throw new GroundworkError("failed", `${word} ${number} of ${forge.repository} ${why}`, { remedy: BY_HAND });
}
