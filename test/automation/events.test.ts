import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as assert from "node:assert/strict";
import { EventReader, plainText, type StackEvent } from "../../automation/events";
import { resourceName } from "../../automation/resourceName";
import { maskOf } from "../../automation/mask";

const NODE = "urn:pulumi:dev::groundwork::groundwork:k3s:Cluster$groundwork:k3s:Node::birch";
const COMMAND =
  "urn:pulumi:dev::groundwork::groundwork:k3s:Cluster$groundwork:k3s:Node$command:remote:Command::birch-ready";

type Parts = Partial<EngineEvent>;

function events(...parts: Parts[]): { reader: EventReader; seen: StackEvent[] } {
  const reader = new EventReader(maskOf(["hunter2!"]));
  return { reader, seen: parts.flatMap((part) => reader.read({ sequence: 1, timestamp: 1, ...part })) };
}

function metadata(op: string, urn = COMMAND): never {
  const state = { parent: NODE, urn, type: "command:remote:Command", id: "", inputs: {}, outputs: {}, provider: "" };
  return { op, urn, type: "command:remote:Command", provider: "", new: state } as never;
}

function diagnostic(severity: string, message: string, urn = COMMAND): Parts {
  return { diagnosticEvent: { severity, message, urn, color: "never" } as never };
}

const summary: Parts = {
  summaryEvent: { maybeCorrupt: false, durationSeconds: 3, resourceChanges: { update: 1 }, policyPacks: {} },
};

describe("events of a stack", () => {
  it("tell the steps of a run, with the machine that a resource belongs to", () => {
    const { seen } = events(
      { resourcePreEvent: { metadata: metadata("update") } },
      { resOutputsEvent: { metadata: metadata("update") } },
      { resOpFailedEvent: { metadata: metadata("update"), status: 0, steps: 0 } },
    );
    const resource = { urn: COMMAND, type: "command:remote:Command", name: "birch-ready", node: "birch" };
    assert.deepEqual(seen, [
      { kind: "step", phase: "started", operation: "update", resource },
      { kind: "step", phase: "done", operation: "update", resource },
      { kind: "step", phase: "failed", operation: "update", resource },
    ]);
  });

  it("tell each planned step of a preview once, and nothing of what stays as it is", () => {
    const { seen } = events(
      { resourcePreEvent: { metadata: metadata("same"), planning: true } },
      { resourcePreEvent: { metadata: metadata("create"), planning: true } },
      { resOutputsEvent: { metadata: metadata("create"), planning: true } },
    );
    assert.deepEqual(
      seen.map((event) => event.kind === "step" && [event.phase, event.operation]),
      [["planned", "create"]],
    );
  });

  it("give a host's output line by line, without colours and secrets", () => {
    const { seen } = events(
      diagnostic("info", "<{%reset%}>changed config\n\u001b[31mtoken hunter2!\u001b[0m\n<{%reset%}>\n"),
    );
    assert.deepEqual(
      seen.map((event) => event.kind === "line" && event.text),
      ["changed config", "token [secret]"],
    );
  });

  it("never pass on the engine's debugging messages, which have every value in them", () => {
    assert.deepEqual(events(diagnostic("debug", "RegisterResource RPC finished: privateKey=…")).seen, []);
  });

  it("gather what was said about the resources that failed, apart from all other errors", () => {
    const { reader, seen } = events(
      { resourcePreEvent: { metadata: metadata("create") } },
      diagnostic("error", 'running "sh -s -- ready":\nwaiting\nerror: birch: not Ready after 60 s'),
      { resOpFailedEvent: { metadata: metadata("create"), status: 0, steps: 0 } },
      diagnostic("error", "update failed", ""),
    );
    const [failure] = reader.failures;
    assert.equal(failure?.resource.node, "birch");
    assert.deepEqual(failure?.lines, ['running "sh -s -- ready":', "waiting", "error: birch: not Ready after 60 s"]);
    assert.deepEqual(reader.errorLines, ["update failed"]);
    assert.equal(seen.filter(({ kind }) => kind === "problem").length, 2);
  });

  it("end with a summary, after which a plugin that was quicker than the engine is no error", () => {
    const early = diagnostic("error", "Detected that pulumi-resource-random exited prematurely. \n This is a bug", "");
    assert.equal(events(early).seen.length, 1);
    const { seen, reader } = events(summary, early);
    assert.deepEqual(seen, [{ kind: "summary", changes: { update: 1 }, seconds: 3 }]);
    assert.equal(reader.summary.seconds, 3);
    assert.deepEqual(reader.errorLines, []);
  });

  it("know a resource by its URN alone", () => {
    assert.deepEqual(resourceName(NODE), { urn: NODE, type: "groundwork:k3s:Node", name: "birch", node: "birch" });
    assert.equal(resourceName("urn:pulumi:dev::groundwork::a:b:C::odd::name").name, "odd::name");
    assert.equal(plainText("<{%fg 1%}>red<{%reset%}> 100%"), "red 100%");
  });

  it("say what is not in the plan, by the names of properties and never by their values", () => {
    const values = "stdin[{#!/bin/sh\n, ++set[x}!={token=generated-secret}], =~environment[{&{{plain}}}], --triggers";
    const { reader, seen } = events(
      diagnostic("error", `<{%reset%}>resource ${COMMAND} violates plan: properties changed: ++${values}<{%reset%}>`),
      diagnostic("error", "delete is not allowed by the plan: this resource is constrained to same", NODE),
      diagnostic("error", "create is not allowed by the plan: no steps were expected for this resource", NODE),
      diagnostic("error", `expected resource operations for ${NODE} but none were seen`, ""),
      diagnostic("error", `resource ${NODE} violates plan: parent changed (expected urn:x)`),
    );
    assert.deepEqual(reader.violations, [
      { path: "birch-ready", problem: "stdin, environment, triggers: not as planned", remedy: "" },
      { path: "birch", problem: "would be done: delete; planned: same", remedy: "" },
      { path: "birch", problem: "would be done: create; planned: nothing", remedy: "" },
      { path: "birch", problem: "is planned, and would not be done", remedy: "" },
      { path: "birch", problem: "parent changed (expected urn:x)", remedy: "" },
    ]);
    assert.deepEqual(reader.errorLines, []);
    assert.ok(!JSON.stringify(seen).includes("generated-secret") && !JSON.stringify(seen).includes("plain"));
  });
});
