import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { approve, cancel } from "../api/approve";
import { operationState } from "../api/schemas";
import { sendStream, STREAM_END } from "../api/stream";
import { tokenOf, visibleOperation, type Api, type ServiceParts } from "../api/serviceApi";
import type { Operation } from "../store/operations";
import { sessionOf } from "./cookie";
import { message } from "./fields";
import { pathTo, sendPage, windowTitle } from "./html";
import type { OperationShown } from "./operationParts";
import { OperationView, tabOf, type Put } from "./operationView";
import type { Sessions } from "./sessions";
import { hasEnded } from "./words";

const params = z.object({ id: z.uuid() });
const number = z.coerce.number().int().min(0).optional().catch(undefined);

/** One operation: how it stands, how it goes on, and what may be done with it. */
export function addOperationRoutes(page: Api, parts: ServiceParts, sessions: Sessions): void {
  page.get("/operations/:id", { schema: { hide: true, params } }, async (request, reply) => {
    const shown = await shownOf(parts, request, request.params.id);
    const view = new OperationView(shown);
    for await (const { event, id } of parts.watch.soFar(shown.operation.id)) view.take(event, id);
    return sendPage(reply, view.page(tokenOf(request), shown));
  });

  page.get(
    "/operations/:id/events",
    {
      sse: "only",
      schema: {
        hide: true,
        params,
        querystring: z.object({ after: number, state: operationState.optional() }),
        headers: z.object({ "last-event-id": z.union([z.literal(STREAM_END), number]).optional() }),
      },
    },
    async (request, reply) => {
      const shown = await shownOf(parts, request, request.params.id);
      const last = request.headers["last-event-id"];
      if (last === STREAM_END) {
        void reply.code(204);
        return;
      }
      const { after = 0, state = shown.operation.state } = request.query;
      await sendStream(reply, messages({ parts, sessions, request }, shown, { after: last ?? after, state }));
    },
  );

  page.post(
    "/operations/:id/approve",
    { schema: { hide: true, params, body: z.object({ key: z.uuid(), message }) } },
    async (request, reply) => {
      const { key, message: note } = request.body;
      const { id } = await approve(parts, { request, reply, key }, { id: request.params.id, message: note });
      return reply.redirect(pathTo("operations", id), 303);
    },
  );

  page.post("/operations/:id/cancel", { schema: { hide: true, params } }, async (request, reply) => {
    const { id } = await cancel(parts, request, request.params.id);
    return reply.redirect(pathTo("operations", id), 303);
  });
}

async function shownOf({ operations }: ServiceParts, request: FastifyRequest, id: string): Promise<OperationShown> {
  const operation = await visibleOperation(request, operations, id);
  const [preview, approval] = await Promise.all([
    operation.preview === undefined ? undefined : operations.find(operation.preview),
    operation.kind === "preview" ? operations.approvalOf(id) : undefined,
  ]);
  return { operation, preview, approval, grants: tokenOf(request).grants };
}

interface Listener {
  readonly parts: ServiceParts;
  readonly sessions: Sessions;
  readonly request: FastifyRequest;
}

interface PageMessage {
  readonly id: string;
  readonly event: "put" | "end";
  readonly data: readonly Put[] | { readonly title: string; readonly parts: readonly Put[] };
}

/**
 * What changes on a page that stands behind one of an operation's events, and has it in a state. The events before that one are read for
 * what they have led to.
 */
async function* messages(
  { parts, sessions, request }: Listener,
  shown: OperationShown,
  { after, state: before }: { readonly after: number; readonly state: Operation["state"] },
): AsyncGenerator<PageMessage> {
  const { operation: first } = shown;
  const view = new OperationView(shown);
  let { state } = first;
  if (state !== before && !hasEnded(first)) yield { id: String(after), event: "put", data: view.state(shown) };
  for await (const { id, event } of parts.watch.events(first.id, 0)) {
    const puts = view.take(event, id);
    if (id <= after) continue;
    // Who watches for an hour may not be let in any more.
    if ((await sessions.tokenOf(sessionOf(request) ?? "")) === undefined) return;
    if (state === "queued") {
      const begun = await shownOf(parts, request, first.id);
      state = begun.operation.state;
      puts.unshift(...view.state(begun));
    }
    if (puts.length > 0) yield { id: String(id), event: "put", data: puts };
  }
  const ended = await shownOf(parts, request, first.id);
  // A service that stops ends the stream as well; the browser comes again.
  if (!hasEnded(ended.operation)) return;
  yield { id: STREAM_END, event: "end", data: { title: windowTitle(tabOf(ended.operation)), parts: view.end(ended) } };
}
