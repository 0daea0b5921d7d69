import { ownName, type Fetch, type Forge } from "./forge";

/** Whom a forge's own workflow token writes as. */
export const WORKFLOW_AUTHORS = ["github-actions[bot]", "gitea-actions", "forgejo-actions"];

interface Ours {
  readonly forge: Forge;
  readonly fetch: Fetch;
  /** The hidden first line. */
  readonly marker: string;
  /** By default whom a workflow writes as, and where the forge tells it, whose token it is. */
  readonly authors: readonly string[] | undefined;
}

/** Those that begin with the marker and are by us: anyone can write the marker. */
export async function ownOf<T extends { readonly body: string; readonly author: string }>(
  all: readonly T[],
  { forge, fetch, marker, authors }: Ours,
): Promise<T[]> {
  const marked = all.filter(({ body }) => body.trimStart().startsWith(marker));
  if (marked.length === 0) return [];
  const own = authors ?? [...WORKFLOW_AUTHORS, ...[(await ownName(forge, fetch)) ?? []].flat()];
  return marked.filter(({ author }) => own.includes(author));
}

/** A text as it was sent: some forges store it with other ends of lines. */
export function withoutReturns(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
