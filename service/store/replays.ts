import { createHash } from "node:crypto";
import type { Store } from "./store";

/** A request that may come twice: because an answer was lost, or a job runs again. */
export interface Repeatable {
  /** Whose keys they are. */
  readonly token: string;
  /** The caller's `Idempotency-Key`. */
  readonly key: string;
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** What was done for a key before: nothing, the same, or something else. */
export type Earlier = { readonly kind: "none" | "other" } | { readonly kind: "same"; readonly operation: string };

export async function earlier(store: Store, request: Repeatable): Promise<Earlier> {
  const row = await store.one(
    "SELECT digest, operation FROM replays WHERE token = ? AND key = ?",
    request.token,
    request.key,
  );
  if (row === undefined) return { kind: "none" };
  return row["digest"] === digestOf(request)
    ? { kind: "same", operation: row["operation"] as string }
    : { kind: "other" };
}

/** Notes what was done for a key, in the transaction that does it. */
export async function remember(store: Store, request: Repeatable, operation: string, now: Date): Promise<void> {
  await store.run(
    "INSERT INTO replays (token, key, digest, operation, created_at) VALUES (?, ?, ?, ?, ?)",
    ...[request.token, request.key, digestOf(request), operation, now.toISOString()],
  );
}

/** Forgets keys of before a time. */
export async function forgetReplays(store: Store, before: Date): Promise<void> {
  await store.run("DELETE FROM replays WHERE created_at < ?", before.toISOString());
}

/** Of what was validated: the order of keys and blanks in a body make no other request. */
function digestOf({ method, url, body }: Repeatable): string {
  return createHash("sha256")
    .update(JSON.stringify([method, url, sorted(body)]))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
