import { z } from "zod";
import { allows } from "../access/grants";
import type { ServedStack } from "../settings/serviceFile";
import { begin } from "./begin";
import { problem } from "./openapi";
import { allowed, operationBody, servedStack, tokenOf, type Api, type ServiceParts } from "./serviceApi";
import {
  historyQuery,
  historySchema,
  idempotencyHeaders,
  listQuery,
  operationSchema,
  outputsQuery,
  outputsSchema,
  previewRequest,
  runRequest,
  stackName,
  stackSchema,
  type StackBody,
} from "./schemas";

const params = z.object({ name: stackName });
const tags = ["stacks"];
const accepted = { 202: operationSchema, default: problem };

/** Stacks, what may be asked of them, and what they tell. */
export function addStackRoutes(api: Api, parts: ServiceParts): void {
  const { operations, settings, ask } = parts;
  const served = (name: string): ServedStack => servedStack(settings, name);
  const bodyOf = async (name: string): Promise<StackBody> => ({ name, ...(await operations.standing(name)) });

  api.get(
    "/stacks",
    {
      schema: {
        ...{ tags, summary: "The stacks that the token may see.", operationId: "listStacks" },
        response: { 200: z.object({ stacks: z.array(stackSchema) }), default: problem },
      },
    },
    async (request) => {
      const { grants } = tokenOf(request);
      const visible = [...settings.stacks.keys()].filter((name) => allows(grants, name, "read"));
      return { stacks: await Promise.all(visible.map(bodyOf)) };
    },
  );

  api.get(
    "/stacks/:name",
    {
      schema: {
        ...{ tags, params, summary: "One stack. Needs `read`.", operationId: "getStack" },
        response: { 200: stackSchema, default: problem },
      },
    },
    (request) => {
      allowed(request, request.params.name, "read");
      return bodyOf(served(request.params.name).name);
    },
  );

  api.post(
    "/stacks/:name/previews",
    {
      schema: {
        ...{ tags, params, headers: idempotencyHeaders, body: previewRequest, response: accepted },
        ...{ summary: "Ask what `up` would do. Needs `preview`.", operationId: "startPreview" },
      },
    },
    (request, reply) => {
      const { name: requestedBy } = allowed(request, request.params.name, "preview");
      const stack = served(request.params.name).name;
      return begin(parts, { request, reply }, (within) => within.add({ stack, kind: "preview", requestedBy }));
    },
  );

  api.post(
    "/stacks/:name/runs",
    {
      schema: {
        ...{ tags, params, headers: idempotencyHeaders, body: runRequest, response: accepted },
        ...{ summary: "Ask for a run. Needs the verb that is its kind.", operationId: "startRun" },
      },
    },
    (request, reply) => {
      const { kind, message } = request.body;
      const { name: requestedBy } = allowed(request, request.params.name, kind);
      const stack = served(request.params.name).name;
      return begin(parts, { request, reply }, (within) => within.add({ stack, kind, message, requestedBy }));
    },
  );

  api.get(
    "/stacks/:name/operations",
    {
      schema: {
        ...{ tags, params, querystring: listQuery, operationId: "listOperations" },
        summary: "What was asked of a stack through the service, the newest first, without results. Needs `read`.",
        response: { 200: z.object({ operations: z.array(operationSchema) }), default: problem },
      },
    },
    async (request) => {
      allowed(request, request.params.name, "read");
      const listed = await operations.list(served(request.params.name).name, request.query);
      return { operations: listed.map((operation) => ({ ...operationBody(operation), result: undefined })) };
    },
  );

  api.get(
    "/stacks/:name/history",
    {
      schema: {
        ...{ tags, params, querystring: historyQuery, operationId: "getHistory" },
        summary: "What was done to the stack by whomever, as the engine tells it, the newest first. Needs `read`.",
        response: { 200: historySchema, default: problem },
      },
    },
    async (request) => {
      allowed(request, request.params.name, "read");
      const entries = await ask(served(request.params.name), { what: "history", limit: request.query.limit });
      return { entries: entries as z.output<typeof historySchema>["entries"] };
    },
  );

  api.get(
    "/stacks/:name/outputs",
    {
      schema: {
        ...{ tags, params, querystring: outputsQuery, operationId: "getOutputs" },
        summary: "What the last `up` gave. Needs `outputs`, and `secrets` for those in plain text.",
        response: { 200: outputsSchema, default: problem },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const token = allowed(request, name, "outputs");
      const secrets = request.query.secrets === "true";
      if (secrets) {
        allowed(request, name, "secrets");
        request.log.info({ audit: true, token: token.name, stack: name }, "secret outputs read");
      }
      const outputs = await ask(served(name), { what: "outputs", secrets });
      void reply.header("cache-control", "no-store");
      return { outputs: outputs as Record<string, unknown> };
    },
  );
}
