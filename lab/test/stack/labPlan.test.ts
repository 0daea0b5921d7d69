import assert from "node:assert/strict";
import type { PreviewStep } from "../../engine/previewSteps";
import { differencesFrom, plannedSteps } from "../../../automation/plannedSteps";
import { changesIn, stepsIn } from "../../stack/labPlan";

const NODE = "urn:pulumi:lab::groundwork::groundwork:k3s:Node::agent-1";

function step(op: PreviewStep["op"], name: string, stdin = ""): PreviewStep {
  const urn = `urn:pulumi:lab::groundwork::groundwork:k3s:Node$command:remote:Command::${name}`;
  const state = { urn, type: "command:remote:Command", custom: true, outputs: {}, dependencies: [], protect: false };
  const detailedDiff =
    op === "update" ? { stdin: { kind: "update" }, triggers: { kind: "update-replace" } } : undefined;
  return { op, urn, newState: { ...state, parent: NODE, inputs: { stdin } }, detailedDiff };
}

describe("the plan of a preview on the lab engine", () => {
  it("tells the changes as the library does, with the node and why something is replaced", () => {
    const [change, ...others] = changesIn([step("same", "agent-1-token"), step("update", "agent-1", "new")]);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [change?.operation, change?.resource.name, change?.resource.node],
      ["update", "agent-1", "agent-1"],
    );
    assert.deepEqual(change?.properties, [
      { path: "stdin", change: "update", replaces: false },
      { path: "triggers", change: "update", replaces: true },
    ]);
  });

  it("is not what would be done once an operation or an input is another one; less to do is well", () => {
    const planned = plannedSteps(stepsIn([step("update", "agent-1", "one"), step("create", "agent-2", "two")]));
    const differences = (...now: PreviewStep[]): string[] =>
      differencesFrom(planned, stepsIn(now)).map(({ path, problem }) => `${path} ${problem}`);
    assert.deepEqual(differences(step("update", "agent-1", "one"), step("create", "agent-2", "two")), []);
    assert.deepEqual(differences(step("same", "agent-1", "one")), []);
    assert.deepEqual(differences(step("update", "agent-1", "three")), ["agent-1 inputs: not as planned"]);
    assert.deepEqual(differences(step("delete", "agent-2")), ["agent-2 would be done: delete; planned: create"]);
    assert.deepEqual(differences(step("create", "agent-3")), ["agent-3 would be done: create; planned: nothing"]);
  });
});
