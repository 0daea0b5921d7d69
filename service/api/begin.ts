import type { FastifyReply, FastifyRequest } from "fastify";
import type { Operation, Operations } from "../store/operations";
import { earlier, remember, type Repeatable } from "../store/replays";
import { RequestError } from "./problems";
import type { OperationBody } from "./schemas";
import { operationBody, tokenOf, type ServiceParts } from "./serviceApi";

/**
 * Answers a request that begins something long: the operation is on the disk before it is told. With a key that was used before, the
 * operation of that time is told again.
 *
 * @param add Adds it to the operations that it is given: those of the transaction that remembers the key.
 */
export async function begin(
  parts: ServiceParts,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  add: (operations: Operations) => Promise<Operation>,
): Promise<OperationBody> {
  const key = request.headers["idempotency-key"] as string | undefined;
  const repeatable: Repeatable | undefined =
    key === undefined
      ? undefined
      : { token: tokenOf(request).id, key, method: request.method, url: request.url, body: request.body };
  const { operation, isRepeated } = await parts.store.transaction(async (within) => {
    const operations = parts.operations.within(within);
    const before = repeatable === undefined ? undefined : await earlier(within, repeatable);
    if (before?.kind === "same") return { operation: await operations.get(before.operation), isRepeated: true };
    if (before?.kind === "other") {
      throw new RequestError("key-reused", "this Idempotency-Key was used for another request", {
        remedy: "use a new key for each request; the same one only to repeat it unchanged",
      });
    }
    const added = await add(operations);
    if (repeatable !== undefined) await remember(within, repeatable, added.id, parts.now());
    return { operation: added, isRepeated: false };
  });
  if (isRepeated) void reply.header("idempotency-replayed", "true");
  else {
    const { id, stack, kind } = operation;
    request.log.info({ audit: true, token: tokenOf(request).name, operation: id, stack, kind }, "asked for");
    parts.supervisor.wake();
  }
  void reply.code(202).header("location", `/operations/${operation.id}`);
  return operationBody(await parts.operations.get(operation.id));
}
