import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { nextStep } from "../../automation/waves";
import { allows } from "../access/grants";
import { namesOf, waveState, wavesOfStacks } from "../fleets/fleetDriver";
import type { Fleet } from "../settings/fleetSettings";
import type { FleetRun, FleetStack } from "../store/fleetRuns";
import {
  fleetName,
  fleetRunRequest,
  fleetRunSchema,
  fleetRunsQuery,
  fleetSchema,
  type FleetBody,
  type FleetRunBody,
} from "./fleetSchemas";
import { once } from "./once";
import { problem } from "./openapi";
import { RequestError } from "./problems";
import { idempotencyHeaders } from "./schemas";
import { allowed, tokenOf, type Api, type ServiceParts } from "./serviceApi";

const tags = ["fleets"];
const byName = z.object({ name: fleetName });
const byId = z.object({ id: z.uuid() });
const accepted = { 202: fleetRunSchema, default: problem };

/** Fleets: one change over many stacks, in waves. */
export function addFleetRoutes(api: Api, parts: ServiceParts): void {
  const { fleetRuns, fleetDriver, settings } = parts;
  /** Who may not see each stack of a fleet is told the same as of one that there is not. */
  const seen = (request: FastifyRequest, stacks: readonly string[]): boolean =>
    stacks.every((stack) => allows(tokenOf(request).grants, stack, "read"));
  const visibleFleet = (request: FastifyRequest, name: string): Fleet => {
    const fleet = settings.fleets.get(name);
    if (fleet !== undefined && seen(request, fleet.waves.flat())) return fleet;
    const remedy = "GET /fleets lists those of which the token may read each stack";
    throw new RequestError("unknown-fleet", `there is no fleet '${name}'`, { remedy });
  };
  const visibleRun = async (request: FastifyRequest, id: string): Promise<{ run: FleetRun; stacks: FleetStack[] }> => {
    const run = await fleetRuns.find(id);
    const stacks = run === undefined ? [] : await fleetRuns.stacks(id);
    if (
      run !== undefined &&
      seen(
        request,
        stacks.map(({ stack }) => stack),
      )
    ) {
      return { run, stacks };
    }
    const remedy = "GET /fleets/{name}/runs lists those of a fleet";
    throw new RequestError("unknown-fleet-run", `there is no run '${id}' of a fleet`, { remedy });
  };
  const bodyOf = async ({ id }: FleetRun): Promise<FleetRunBody> =>
    runBody(await fleetRuns.get(id), await fleetRuns.stacks(id));
  const fleetBody = async ({ name, waves }: Fleet): Promise<FleetBody> => {
    const [latest] = await fleetRuns.list(name, 1);
    const running = (await fleetRuns.running()).find(({ fleet }) => fleet === name);
    return { name, waves: waves.map((wave) => [...wave]), running: running?.id, latest: latest?.id };
  };

  api.get(
    "/fleets",
    {
      schema: {
        ...{ tags, summary: "The fleets of which the token may read each stack.", operationId: "listFleets" },
        response: { 200: z.object({ fleets: z.array(fleetSchema) }), default: problem },
      },
    },
    async (request) => {
      const visible = [...settings.fleets.values()].filter(({ waves }) => seen(request, waves.flat()));
      return { fleets: await Promise.all(visible.map(fleetBody)) };
    },
  );

  api.get(
    "/fleets/:name",
    {
      schema: {
        ...{ tags, params: byName, summary: "One fleet. Needs `read` on each stack.", operationId: "getFleet" },
        response: { 200: fleetSchema, default: problem },
      },
    },
    async (request) => fleetBody(visibleFleet(request, request.params.name)),
  );

  api.get(
    "/fleets/:name/runs",
    {
      schema: {
        ...{ tags, params: byName, querystring: fleetRunsQuery, operationId: "listFleetRuns" },
        summary: "A fleet's runs, the newest first. Needs `read` on each stack.",
        response: { 200: z.object({ runs: z.array(fleetRunSchema) }), default: problem },
      },
    },
    async (request) => {
      const { name } = visibleFleet(request, request.params.name);
      const runs = await fleetRuns.list(name, request.query.limit);
      return { runs: await Promise.all(runs.map(bodyOf)) };
    },
  );

  api.post(
    "/fleets/:name/runs",
    {
      schema: {
        ...{ tags, params: byName, headers: idempotencyHeaders, body: fleetRunRequest, response: accepted },
        ...{
          summary: "Do the same with each stack, wave by wave. Needs the verb that is its kind on each.",
          operationId: "startFleetRun",
        },
      },
    },
    async (request, reply) => {
      const fleet = visibleFleet(request, request.params.name);
      const { kind, message } = request.body;
      for (const stack of fleet.waves.flat()) allowed(request, stack, kind);
      const { name: requestedBy } = tokenOf(request);
      const { begun, isRepeated } = await once(
        parts,
        { request, reply },
        {
          find: (within, id) => fleetRuns.within(within).get(id),
          add: async (within) => {
            await refuseSecond(parts, within, fleet.name);
            return fleetRuns.within(within).add(fleet, { kind, message, requestedBy });
          },
        },
      );
      if (!isRepeated) {
        request.log.info({ audit: true, token: requestedBy, fleet: fleet.name, fleetRun: begun.id, kind }, "asked for");
        fleetDriver.wake();
      }
      void reply.code(202).header("location", `/fleet-runs/${begun.id}`);
      return bodyOf(begun);
    },
  );

  api.get(
    "/fleet-runs/:id",
    {
      schema: {
        ...{ tags, params: byId, operationId: "getFleetRun" },
        summary: "How a run of a fleet stands, with each stack's operation. Needs `read` on each stack.",
        response: { 200: fleetRunSchema, default: problem },
      },
    },
    async (request) => {
      const { run, stacks } = await visibleRun(request, request.params.id);
      return runBody(run, stacks);
    },
  );

  api.post(
    "/fleet-runs/:id/cancel",
    {
      schema: {
        ...{ tags, params: byId, response: accepted, operationId: "cancelFleetRun" },
        summary: "Begin no further stack, and stop those that run in good order. Needs `cancel` on each stack.",
      },
    },
    async (request, reply) => {
      const { run, stacks } = await visibleRun(request, request.params.id);
      for (const { stack } of stacks) allowed(request, stack, "cancel");
      if (run.state !== "running") {
        throw new RequestError("already-ended", `the run has ended: ${run.state}`, { remedy: "" });
      }
      const { id, fleet } = await fleetRuns.requestCancel(run.id);
      request.log.info({ audit: true, token: tokenOf(request).name, fleet, fleetRun: id }, "cancel asked for");
      fleetDriver.wake();
      void reply.code(202).header("location", `/fleet-runs/${id}`);
      return bodyOf(run);
    },
  );

  api.post(
    "/fleet-runs/:id/resume",
    {
      schema: {
        ...{ tags, params: byId, response: accepted, operationId: "resumeFleetRun" },
        summary: "Go on after what failed was mended: what is done is not done again. Needs its verb on each stack.",
      },
    },
    async (request, reply) => {
      const { run, stacks } = await visibleRun(request, request.params.id);
      for (const { stack } of stacks) allowed(request, stack, run.kind);
      const { name } = tokenOf(request);
      await parts.store.transaction(async (within) => {
        await refuseSecond(parts, within, run.fleet);
        const left = (await fleetRuns.within(within).stacks(run.id)).some(({ state }) => state !== "done");
        if (!left) {
          throw new RequestError("already-ended", "each stack of the run is done", { remedy: "begin another run" });
        }
        await fleetRuns.within(within).resume(run.id, name);
      });
      request.log.info({ audit: true, token: name, fleet: run.fleet, fleetRun: run.id }, "resume asked for");
      fleetDriver.wake();
      void reply.code(202).header("location", `/fleet-runs/${run.id}`);
      return bodyOf(run);
    },
  );
}

/** @throws RequestError where a run of the fleet is under way. */
async function refuseSecond({ fleetRuns }: ServiceParts, within: ServiceParts["store"], fleet: string): Promise<void> {
  const running = (await fleetRuns.within(within).running()).find((run) => run.fleet === fleet);
  if (running === undefined) return;
  const remedy = `wait for its end, or cancel it: /fleet-runs/${running.id}`;
  throw new RequestError("fleet-busy", `a run of fleet '${fleet}' is under way`, { remedy });
}

function runBody({ atOnce, mayFail, ...run }: FleetRun, stacks: readonly FleetStack[]): FleetRunBody {
  const waves = wavesOfStacks(stacks);
  const byStack = new Map(stacks.map((stack) => [stack.stack, stack]));
  const limits = { atOnce, mayFail, isStopping: run.isCancelRequested };
  const { wave } = nextStep(namesOf(waves), (name) => waveState(byStack.get(name)), limits);
  return {
    ...run,
    wave,
    waves: waves.map((one) =>
      one.map(({ stack, state, operation, code, problem: what }) => ({ stack, state, operation, code, problem: what })),
    ),
  };
}
