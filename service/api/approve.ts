import type { FastifyRequest } from "fastify";
import type { Operation } from "../store/operations";
import { begin } from "./begin";
import type { Exchange } from "./once";
import { RequestError } from "./problems";
import type { OperationBody } from "./schemas";
import { allowed, visibleOperation, type ServiceParts } from "./serviceApi";

/** Has exactly the plan of a preview done. @throws RequestError where it is none, or not this token's to approve. */
export async function approve(
  parts: ServiceParts,
  exchange: Exchange,
  { id, message }: { readonly id: string; readonly message?: string | undefined },
): Promise<OperationBody> {
  const { id: preview, stack } = await visibleOperation(exchange.request, parts.operations, id);
  const { name: requestedBy } = allowed(exchange.request, stack, "approve");
  return begin(parts, exchange, async (operations) => {
    const { kind, state } = await operations.get(preview);
    if (kind !== "preview" || state !== "succeeded") {
      const what = kind === "preview" ? `the preview is ${state}` : `the operation is no preview, but: ${kind}`;
      const remedy = "approve a preview that has succeeded";
      throw new RequestError("not-approvable", what, { remedy, operation: preview });
    }
    const before = await operations.approvalOf(preview);
    if (before !== undefined) {
      const remedy = "look at that run; for another one, preview again";
      throw new RequestError("not-approvable", "the preview was approved before", { remedy, operation: before.id });
    }
    return operations.add({ stack, kind: "up", preview, requestedBy, message });
  });
}

/** Stops an operation in good order. @throws RequestError where it has ended, or is not this token's to cancel. */
export async function cancel(
  { operations, supervisor }: ServiceParts,
  request: FastifyRequest,
  wanted: string,
): Promise<Operation> {
  const { id, stack, state } = await visibleOperation(request, operations, wanted);
  const token = allowed(request, stack, "cancel");
  if (state !== "queued" && state !== "running") {
    throw new RequestError("already-ended", `the operation has ended: ${state}`, { remedy: "", operation: id });
  }
  request.log.info({ audit: true, token: token.name, operation: id, stack }, "cancel asked for");
  return supervisor.cancel(id);
}
