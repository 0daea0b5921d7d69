import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Caller } from "../access/caller";
import { allows, type Verb } from "../access/grants";
import type { Issuers } from "../access/issuers";
import type { Tokens } from "../access/tokens";
import type { FleetDriver } from "../fleets/fleetDriver";
import type { Ask } from "../runs/ask";
import type { OperationWatch } from "../runs/operationWatch";
import type { Supervisor } from "../runs/supervisor";
import type { ServedStack, ServiceSettings } from "../settings/serviceFile";
import type { FleetRuns } from "../store/fleetRuns";
import type { Operation, Operations } from "../store/operations";
import type { Store } from "../store/store";
import { RequestError } from "./problems";
import type { OperationBody } from "./schemas";

/** What the routes work with. */
export interface ServiceParts {
  readonly settings: ServiceSettings;
  readonly store: Store;
  readonly operations: Operations;
  readonly tokens: Tokens;
  readonly issuers: Issuers;
  readonly supervisor: Supervisor;
  readonly fleetRuns: FleetRuns;
  readonly fleetDriver: FleetDriver;
  readonly watch: OperationWatch;
  readonly ask: Ask;
  readonly now: () => Date;
}

/** Fastify with zod's types. */
export type Api = FastifyInstance<
  import("node:http").Server,
  import("node:http").IncomingMessage,
  import("node:http").ServerResponse,
  import("fastify").FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Whose request it is; of routes that need one. */
    token: Caller | undefined;
  }
}

/** The token of a request that has one. */
export function tokenOf(request: FastifyRequest): Caller {
  if (request.token !== undefined) return request.token;
  throw new RequestError("no-token", "the request has no token", {
    remedy: "send 'Authorization: Bearer TOKEN'; 'groundwork serve token create' makes one",
  });
}

/**
 * Whose request it is, when the token may do this. What a stack is called tells nobody whether the service has it: who may not ask
 * is told the same of every name.
 *
 * @throws RequestError `forbidden`
 */
export function allowed(request: FastifyRequest, stack: string, verb: Verb): Caller {
  const token = tokenOf(request);
  if (allows(token.grants, stack, verb)) return token;
  throw new RequestError("forbidden", `the token '${token.name}' may not '${verb}' on stack '${stack}'`, {
    remedy: `use a token with '${stack}:${verb}'`,
  });
}

/** A stack of the service's file. @throws RequestError `unknown-stack` */
export function servedStack({ stacks }: ServiceSettings, name: string): ServedStack {
  const stack = stacks.get(name);
  if (stack !== undefined) return stack;
  throw new RequestError("unknown-stack", `the service has no stack '${name}'`, {
    remedy: "GET /stacks lists those that the token may see",
  });
}

/** An operation that the token may see. @throws RequestError `unknown-operation`, also for one that it may not see. */
export async function visibleOperation(
  request: FastifyRequest,
  operations: Operations,
  id: string,
): Promise<Operation> {
  const operation = await operations.find(id);
  if (operation !== undefined && allows(tokenOf(request).grants, operation.stack, "read")) return operation;
  throw new RequestError("unknown-operation", `there is no operation '${id}'`, {
    remedy: "GET /stacks/{name}/operations lists those of a stack",
  });
}

/** An operation as it is told. */
export function operationBody({ outcome, ...operation }: Operation): OperationBody {
  return {
    ...operation,
    result: outcome?.result,
    error: outcome?.error as OperationBody["error"],
  };
}
