import * as assert from "node:assert/strict";
import { Served } from "./served";

interface Route {
  readonly operationId: string;
  readonly summary?: string;
  readonly security?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

describe("the service's OpenAPI document", () => {
  it("has every route with what it takes, what it gives and what may be wrong", async () => {
    const served = new Served();
    try {
      await served.start();
      const { body } = await served.call("GET", "/openapi.json", { token: "" });
      assert.deepEqual([body.openapi, body.info.version], ["3.1.0", "1.2.3"]);
      const paths = body.paths as Readonly<Record<string, Readonly<Record<string, Route>>>>;
      const routes = Object.entries(paths).flatMap(([path, verbs]) =>
        Object.entries(verbs).map(([verb, route]) => ({ name: `${verb} ${path}`, ...route })),
      );
      assert.deepEqual(
        Object.fromEntries(
          routes.map(({ name, operationId, responses }) => [name, [operationId, ...Object.keys(responses)]]),
        ),
        {
          "get /livez": ["live", "200"],
          "get /readyz": ["ready", "200", "503"],
          "get /stacks": ["listStacks", "200", "default"],
          "get /stacks/{name}": ["getStack", "200", "default"],
          "post /stacks/{name}/previews": ["startPreview", "202", "default"],
          "post /stacks/{name}/runs": ["startRun", "202", "default"],
          "get /stacks/{name}/operations": ["listOperations", "200", "default"],
          "get /stacks/{name}/history": ["getHistory", "200", "default"],
          "get /stacks/{name}/outputs": ["getOutputs", "200", "default"],
          "get /operations/{id}": ["getOperation", "200", "default"],
          "get /operations/{id}/events": ["watchOperation", "200", "204", "default"],
          "post /operations/{id}/cancel": ["cancelOperation", "202", "default"],
          "post /previews/{id}/approve": ["approvePreview", "202", "default"],
          "get /fleets": ["listFleets", "200", "default"],
          "get /fleets/{name}": ["getFleet", "200", "default"],
          "get /fleets/{name}/runs": ["listFleetRuns", "200", "default"],
          "post /fleets/{name}/runs": ["startFleetRun", "202", "default"],
          "get /fleet-runs/{id}": ["getFleetRun", "200", "default"],
          "post /fleet-runs/{id}/cancel": ["cancelFleetRun", "202", "default"],
          "post /fleet-runs/{id}/resume": ["resumeFleetRun", "202", "default"],
        },
      );
      for (const { name, responses, security } of routes) {
        const isOpen = name.endsWith("z");
        assert.deepEqual(security, isOpen ? [] : undefined, name);
        const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
        assert.deepEqual(responses["default"]?.content, isOpen ? undefined : problem, name);
      }
      assert.deepEqual(body.security, [{ token: [] }]);
      assert.deepEqual(Object.keys(paths["/operations/{id}/events"]?.["get"]?.responses["200"]?.content ?? {}), [
        "text/event-stream",
      ]);
      assert.deepEqual(Object.keys(body.components.schemas as object).sort(), [
        ...[
          "ApprovalInput",
          "Fleet",
          "FleetRun",
          "FleetRunRequestInput",
          "FleetStack",
          "History",
          "Operation",
          "OperationError",
          "Outputs",
          "PreviewRequestInput",
        ],
        ...["Problem", "RunRequestInput", "Stack"],
      ]);
    } finally {
      await served.remove();
    }
  });
});
