import { z } from "zod";
import type { Api, ServiceParts } from "./serviceApi";

const state = z.object({ status: z.string() });
const config = { isOpen: true, rateLimit: false } as const;

/** What a supervisor of processes asks, and the document of all routes. */
export function addHealthRoutes(api: Api, { store }: ServiceParts): void {
  api.get(
    "/livez",
    { config, schema: { tags: ["health"], operationId: "live", security: [], response: { 200: state } } },
    () => ({ status: "alive" }),
  );
  api.get(
    "/readyz",
    {
      config,
      schema: {
        ...{ tags: ["health"], operationId: "ready", security: [] },
        summary: "Whether the record can be written.",
        response: { 200: state, 503: state },
      },
    },
    async (request, reply) => {
      try {
        // Takes the lock that a write needs, and changes nothing.
        await store.transaction((within) => within.one("SELECT 1"));
        return { status: "ready" };
      } catch (error) {
        request.log.error({ err: error }, "not ready");
        void reply.code(503);
        return { status: "the record cannot be written" };
      }
    },
  );
  api.get("/openapi.json", { config, schema: { hide: true } }, () => api.swagger());
}
