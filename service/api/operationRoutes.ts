import { z } from "zod";
import { approve, cancel } from "./approve";
import { RequestError } from "./problems";
import { eventStream, problem } from "./openapi";
import { operationBody, visibleOperation, type Api, type ServiceParts } from "./serviceApi";
import { sendStream, type Message, STREAM_END } from "./stream";
import { approval, idempotencyHeaders, operationSchema } from "./schemas";

const params = z.object({ id: z.uuid() });
const tags = ["operations"];

/** Operations: how they stand, what happens in them, and how they are stopped or approved. */
export function addOperationRoutes(api: Api, parts: ServiceParts): void {
  const { operations } = parts;

  api.get(
    "/operations/:id",
    {
      schema: {
        ...{
          tags,
          params,
          summary: "How an operation stands. Needs `read` on its stack.",
          operationId: "getOperation",
        },
        response: { 200: operationSchema, default: problem },
      },
    },
    async (request) => operationBody(await visibleOperation(request, operations, request.params.id)),
  );

  api.get(
    "/operations/:id/events",
    {
      sse: "only",
      schema: {
        ...{ tags, params, operationId: "watchOperation" },
        summary: "An operation's events from the first one on (text/event-stream). Needs `read` on its stack.",
        description:
          "The name of a message is the event's kind: `step`, `line`, `problem`, `summary`. The last one is `end` with the operation; with its id in `Last-Event-ID` the answer is 204, so that an EventSource stops. With the id of another message, the stream goes on behind it.",
        headers: z.object({ "last-event-id": z.string().max(40).optional() }),
        response: { 200: eventStream, 204: z.null().describe("All was heard before."), default: problem },
      },
    },
    async (request, reply) => {
      const { id } = await visibleOperation(request, operations, request.params.id);
      const last = request.headers["last-event-id"];
      if (last === STREAM_END) {
        void reply.code(204);
        return;
      }
      const offset = await offsetOf(last, (number) => parts.watch.isEnd(id, number));
      await sendStream(reply, messages(parts, id, offset));
    },
  );

  api.post(
    "/operations/:id/cancel",
    {
      schema: {
        ...{ tags, params, operationId: "cancelOperation" },
        summary: "Stop an operation in good order; what was done is kept. Needs `cancel` on its stack.",
        response: { 202: operationSchema, default: problem },
      },
    },
    async (request, reply) => {
      const cancelled = await cancel(parts, request, request.params.id);
      void reply.code(202).header("location", `/operations/${cancelled.id}`);
      return operationBody(cancelled);
    },
  );

  api.post(
    "/previews/:id/approve",
    {
      schema: {
        ...{ tags, params, headers: idempotencyHeaders, body: approval, operationId: "approvePreview" },
        summary: "Have exactly the plan of a preview done, or nothing. Needs `approve` on its stack.",
        response: { 202: operationSchema, default: problem },
      },
    },
    async (request, reply) => approve(parts, { request, reply }, { id: request.params.id, ...request.body }),
  );
}

/** @throws RequestError where no event of the operation has this number. */
async function offsetOf(last: string | undefined, isEnd: (number: number) => Promise<boolean>): Promise<number> {
  if (last === undefined || last === "") return 0;
  const offset = /^\d{1,15}$/.test(last) ? Number(last) : -1;
  if (offset >= 0 && (await isEnd(offset))) return offset;
  throw new RequestError("bad-request", "no event of this operation has the number in Last-Event-ID", {
    remedy: "send the id of the last message that came, or none",
  });
}

async function* messages({ watch, operations }: ServiceParts, id: string, offset: number): AsyncGenerator<Message> {
  for await (const { id: number, event } of watch.events(id, offset)) {
    yield { id: String(number), event: event.kind, data: event };
  }
  const operation = await operations.get(id);
  // A service that stops ends the stream before the operation has ended; who listens comes again.
  if (operation.state === "queued" || operation.state === "running") return;
  yield { id: STREAM_END, event: "end", data: operationBody(operation) };
}
