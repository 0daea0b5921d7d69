import { Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { allows } from "../access/grants";
import type { OperationFigures } from "../store/operations";
import { tokenOf, type Api, type ServiceParts } from "./serviceApi";

/** What Prometheus asks for: the process's own figures, and of the stacks that the token may read what the record has. */
export function addMetricsRoute(api: Api, { operations }: ServiceParts): void {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  api.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    const { grants } = tokenOf(request);
    const figures = (await operations.figures()).filter(({ stack }) => allows(grants, stack, "read"));
    const registry = Registry.merge([own, stackMetrics(figures)]);
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}

function stackMetrics(figures: readonly OperationFigures[]): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name: `groundwork_${name}`, help, labelNames, registers: [registry] });
  const count = gauge("operations", "Operations in the record (keepDays), by their state.", "stack", "kind", "state");
  const ended = gauge(
    "last_ended_timestamp_seconds",
    "When the newest of that kind and state ended.",
    "stack",
    "kind",
    "state",
  );
  const took = gauge("last_duration_seconds", "How long that one took from its start.", "stack", "kind", "state");
  for (const { stack, kind, state, number, endedAt, seconds } of figures) {
    const labels = { stack, kind, state };
    count.set(labels, number);
    if (endedAt !== undefined) ended.set(labels, endedAt.getTime() / 1000);
    if (seconds !== undefined) took.set(labels, seconds);
  }
  return registry;
}
