import { fastifyRateLimit } from "@fastify/rate-limit";
import { fastifySSE } from "@fastify/sse";
import { fastifySwagger } from "@fastify/swagger";
import { fastifyUnderPressure } from "@fastify/under-pressure";
import { fastify, LogController, type FastifyBaseLogger } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { readFileSync } from "node:fs";
import type { SecureVersion } from "node:tls";
import { addPage } from "../page/page";
import { authenticate } from "./authenticate";
import { addFleetRoutes } from "./fleetRoutes";
import { addHealthRoutes } from "./healthRoutes";
import { addMetricsRoute } from "./metricsRoute";
import { documentOptions } from "./openapi";
import { addOperationRoutes } from "./operationRoutes";
import { problemOf, RequestError } from "./problems";
import { logRequests } from "./requestLog";
import type { Api, ServiceParts } from "./serviceApi";
import { addStackRoutes } from "./stackRoutes";

/** No request has to be larger: settings and plans do not come this way. */
const BODY_LIMIT = 64 * 1024;

/** When a client comes again that was told that the service cannot just now. */
const RETRY_SECONDS = 5;

export interface AppOptions {
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** How late the process may be before it answers 503. Default 1500 ms. */
  readonly longestDelayMs?: number;
}

/** The service's HTTP side, which does not listen yet. */
export async function serviceApp(parts: ServiceParts, options: AppOptions): Promise<Api> {
  const { logger, version, longestDelayMs = 1500 } = options;
  const { tls } = parts.settings.listen;
  const app = fastify({
    loggerInstance: logger,
    // One line for each by logRequests instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    // A client that sends its request a byte at a time is not waited for.
    requestTimeout: 30_000,
    // What listens to events is ended by the watch; what only keeps its connection is let go.
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 300 },
    ...(tls === undefined
      ? {}
      : {
          https: {
            cert: readFileSync(tls.certificate),
            key: readFileSync(tls.key),
            minVersion: "TLSv1.2" satisfies SecureVersion as SecureVersion,
          },
        }),
  }) as unknown as Api;
  // Fastify takes plain text by itself; nothing here does.
  app.removeContentTypeParser("text/plain");
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    if (problem.status === 503) void reply.header("retry-after", RETRY_SECONDS);
    void reply.code(problem.status).type("application/problem+json");
    // As bytes: to a text, Fastify would add a charset, which this type does not have.
    return reply.send(Buffer.from(JSON.stringify(problem)));
  });
  app.setNotFoundHandler((request) => {
    throw new RequestError("not-found", `there is no ${request.method} ${request.url.split("?")[0] ?? ""}`, {
      remedy: "GET /openapi.json lists what there is",
    });
  });
  logRequests(app);
  await app.register(fastifyUnderPressure, { maxEventLoopDelay: longestDelayMs, retryAfter: RETRY_SECONDS });
  authenticate(app, parts);
  await app.register(fastifyRateLimit, {
    max: parts.settings.requestsPerMinute,
    timeWindow: 60_000,
    hook: "preHandler",
    keyGenerator: (request) => request.token?.id ?? request.ip,
    errorResponseBuilder: (_, { after }) =>
      new RequestError("too-many-requests", "the token has sent too many requests", {
        remedy: `try again in ${after}`,
      }),
  });
  await app.register(fastifySSE, { heartbeatInterval: 15_000 });
  await app.register(fastifySwagger, documentOptions(version));
  addHealthRoutes(app, parts);
  addMetricsRoute(app, parts);
  addStackRoutes(app, parts);
  addOperationRoutes(app, parts);
  addFleetRoutes(app, parts);
  await addPage(app, parts);
  return app;
}
