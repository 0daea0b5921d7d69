import { z } from "zod";
import { allows, type Verb } from "../access/grants";
import { begin } from "../api/begin";
import { stackName, type HistoryBody } from "../api/schemas";
import { allowed, servedStack, tokenOf, type Api, type ServiceParts } from "../api/serviceApi";
import type { ServedStack } from "../settings/serviceFile";
import { pathTo, sendPage } from "./html";
import { message } from "./fields";
import { historyPage, stackListPage, stackPage, type StackLine } from "./stackPages";
import type { Topologies } from "./topologies";

const params = z.object({ name: stackName });
/** Operations on one page. */
const MOST = 20;
const HISTORY = 100;

/** What can be asked for by a button; each needs the verb of its name. */
const KINDS = ["preview", "refresh", "up"] as const satisfies readonly Verb[];

/** The stacks, one of them, and what may be asked of it. */
export function addStackRoutes(page: Api, parts: ServiceParts, topologies: Topologies): void {
  const { operations, settings, ask } = parts;
  const served = (name: string): ServedStack => servedStack(settings, name);

  page.get("/", { schema: { hide: true } }, async (request, reply) => {
    const token = tokenOf(request);
    const names = [...settings.stacks.keys()].filter((name) => allows(token.grants, name, "read"));
    const [running, figures] = await Promise.all([operations.running(), operations.figures()]);
    const lines = names.map(async (name): Promise<StackLine> => {
      const [latest] = await operations.list(name, { limit: 1 });
      const up = figures.find(({ stack, kind, state }) => stack === name && kind === "up" && state === "succeeded");
      return { name, latest, running: running.find(({ stack }) => stack === name), lastUp: up?.endedAt };
    });
    return sendPage(reply, stackListPage(token, await Promise.all(lines)));
  });

  page.get(
    "/stacks/:name",
    { schema: { hide: true, params, querystring: z.object({ before: z.uuid().optional() }) } },
    async (request, reply) => {
      const { name } = request.params;
      const token = allowed(request, name, "read");
      const stack = served(name);
      const { before } = request.query;
      const [listed, [latest], running, topology] = await Promise.all([
        operations.list(name, { limit: MOST + 1, ...(before === undefined ? {} : { before }) }),
        operations.list(name, { limit: 1 }),
        operations.running(),
        topologies.of(stack, token.grants),
      ]);
      const shown = { name, topology, latest, running: running.find((one) => one.stack === name) };
      const kinds = KINDS.filter((kind) => allows(token.grants, name, kind));
      return sendPage(
        reply,
        stackPage(token, {
          ...{ ...shown, kinds, isFirst: before === undefined },
          ...{
            operations: listed.slice(0, MOST),
            older: listed[MOST] === undefined ? undefined : listed[MOST - 1]?.id,
          },
        }),
      );
    },
  );

  page.get("/stacks/:name/history", { schema: { hide: true, params } }, async (request, reply) => {
    const { name } = request.params;
    const token = allowed(request, name, "read");
    const entries = (await ask(served(name), { what: "history", limit: HISTORY })) as HistoryBody["entries"];
    return sendPage(reply, historyPage(token, name, entries, HISTORY));
  });

  page.post(
    "/stacks/:name/operations",
    { schema: { hide: true, params, body: z.object({ kind: z.enum(KINDS), key: z.uuid(), message }) } },
    async (request, reply) => {
      const { kind, key, message: note } = request.body;
      const { name: requestedBy } = allowed(request, request.params.name, kind);
      const stack = served(request.params.name).name;
      const { id } = await begin(parts, { request, reply, key }, (within) =>
        within.add({ stack, kind, message: kind === "preview" ? undefined : note, requestedBy }),
      );
      return reply.redirect(pathTo("operations", id), 303);
    },
  );
}
