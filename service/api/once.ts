import type { FastifyReply, FastifyRequest } from "fastify";
import { earlier, remember, type Repeatable } from "../store/replays";
import type { Store } from "../store/store";
import { RequestError } from "./problems";
import { tokenOf, type ServiceParts } from "./serviceApi";

/** A request and what answers it. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The same request with the same key is done once. Default: its `Idempotency-Key`. */
  readonly key?: string | undefined;
}

/** What something is that a request begins, and how it is begun in a transaction, or found there when it was begun before. */
export interface Beginning<T> {
  readonly add: (within: Store) => Promise<T>;
  readonly find: (within: Store, id: string) => Promise<T>;
}

/**
 * Does what a request begins: once for each `Idempotency-Key`. It is on the disk before it is told, together with its key; with a key that
 * was used before, what was begun then is told again.
 */
export async function once<T extends { readonly id: string }>(
  { store, now }: ServiceParts,
  { request, reply, key = keyOf(request) }: Exchange,
  { add, find }: Beginning<T>,
): Promise<{ readonly begun: T; readonly isRepeated: boolean }> {
  const repeatable: Repeatable | undefined =
    key === undefined
      ? undefined
      : { token: tokenOf(request).id, key, method: request.method, url: request.url, body: request.body };
  const done = await store.transaction(async (within) => {
    const before = repeatable === undefined ? undefined : await earlier(within, repeatable);
    if (before?.kind === "same") return { begun: await find(within, before.operation), isRepeated: true };
    if (before?.kind === "other") {
      throw new RequestError("key-reused", "this Idempotency-Key was used for another request", {
        remedy: "use a new key for each request; the same one only to repeat it unchanged",
      });
    }
    const begun = await add(within);
    if (repeatable !== undefined) await remember(within, repeatable, begun.id, now());
    return { begun, isRepeated: false };
  });
  if (done.isRepeated) void reply.header("idempotency-replayed", "true");
  return done;
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  return headers["idempotency-key"] as string | undefined;
}
