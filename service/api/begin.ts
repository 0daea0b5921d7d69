import type { Operation, Operations } from "../store/operations";
import { once, type Exchange } from "./once";
import type { OperationBody } from "./schemas";
import { operationBody, tokenOf, type ServiceParts } from "./serviceApi";

/**
 * Answers a request that begins an operation.
 *
 * @param add Adds it to the operations that it is given: those of the transaction that remembers the key.
 */
export async function begin(
  parts: ServiceParts,
  exchange: Exchange,
  add: (operations: Operations) => Promise<Operation>,
): Promise<OperationBody> {
  const { request, reply } = exchange;
  const { begun: operation, isRepeated } = await once(parts, exchange, {
    add: (within) => add(parts.operations.within(within)),
    find: (within, id) => parts.operations.within(within).get(id),
  });
  if (!isRepeated) {
    const { id, stack, kind } = operation;
    request.log.info({ audit: true, token: tokenOf(request).name, operation: id, stack, kind }, "asked for");
    parts.supervisor.wake();
  }
  void reply.code(202).header("location", `/operations/${operation.id}`);
  return operationBody(await parts.operations.get(operation.id));
}
