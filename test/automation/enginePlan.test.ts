import * as assert from "node:assert/strict";
import { planForUp } from "../../automation/enginePlan";

const PROVIDER = "urn:pulumi:prod::groundwork::groundwork:k3s:Cluster$pulumi:providers:kubernetes::k8s";
const COMMAND = "urn:pulumi:prod::groundwork::command:remote:Command::atlas";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** In the form of Pulumi 3.265's `--save-plan`, shortened. */
const plan = (steps: readonly string[], goal: object = {}): string =>
  JSON.stringify({
    manifest: { version: "v3.265.0" },
    config: { "groundwork:nodes": { value: "[]" } },
    resourcePlans: {
      [COMMAND]: {
        goal: { type: "command:remote:Command", name: "atlas", ignoreChanges: ["connection"], inputDiff: {} },
        steps: ["same"],
        state: null,
      },
      [PROVIDER]: {
        goal: {
          type: "pulumi:providers:kubernetes",
          name: "k8s",
          custom: true,
          inputDiff: {},
          outputDiff: {},
          ignoreChanges: ["kubeconfig"],
          ...goal,
        },
        steps,
        seed: "AAAA",
        state: null,
      },
    },
  });
const provider = (text: string): unknown =>
  (JSON.parse(text) as { resourcePlans: Record<string, unknown> }).resourcePlans[PROVIDER];

describe("the engine's plan, for up", () => {
  it("lets the provider of the cluster have the kubeconfig that up reads, and keeps everything else as planned", () => {
    const before = plan(["same"]);
    const after = planForUp(before);
    const open = { updates: { kubeconfig: UNKNOWN } };
    assert.deepEqual(provider(after), {
      goal: {
        ...{ type: "pulumi:providers:kubernetes", name: "k8s", custom: true },
        ...{ inputDiff: open, outputDiff: open },
      },
      steps: ["update"],
      seed: "AAAA",
      state: null,
    });
    const others = (text: string): unknown => {
      const { resourcePlans, ...rest } = JSON.parse(text) as { resourcePlans: Record<string, unknown> };
      return [rest, resourcePlans[COMMAND], Object.keys(resourcePlans)];
    };
    assert.deepEqual(others(after), others(before));
  });

  it("keeps the other changes of a provider that is updated, and leaves the steps of one that is made or replaced", () => {
    const updates = { context: "groundwork" };
    const updated = provider(planForUp(plan(["update"], { inputDiff: { updates } }))) as {
      goal: { inputDiff: unknown; ignoreChanges?: unknown };
    };
    assert.deepEqual(updated.goal.inputDiff, { updates: { ...updates, kubeconfig: UNKNOWN } });
    for (const steps of [["create"], ["create-replacement", "replace", "delete-replaced"]]) {
      const made = provider(planForUp(plan(steps))) as typeof updated & { steps: unknown };
      assert.deepEqual([made.steps, made.goal.inputDiff, made.goal.ignoreChanges], [steps, {}, undefined]);
    }
  });

  it("leaves a provider alone that previews have no kubeconfig of their own for, and a plan without resources", () => {
    const given = plan(["same"], { ignoreChanges: ["namespace"] });
    assert.deepEqual(provider(planForUp(given)), provider(given));
    assert.deepEqual(JSON.parse(planForUp('{"manifest":{}}')), { manifest: {} });
  });

  it("is refused in one line where it is none", () => {
    for (const text of ["", "[]", '{"resourcePlans":[]}']) {
      assert.throws(() => planForUp(text), { code: "usage", message: /^it is no plan of the engine; / });
    }
  });
});
