import * as assert from "node:assert/strict";
import { renderDifferenceText } from "../../plan/render/differenceText";
import { renderMarkdown } from "../../plan/render/markdown";
import { renderNodeText } from "../../plan/render/node";
import { renderText } from "../../plan/render/text";
import { comparePlans } from "../../plan/compare/compare";
import { edited, planOf, stackText } from "./stacks";

const CANARY = "v1:CANARYCANARY:c2VjcmV0";

/** Every secret of the dev stack set, as Pulumi writes them. */
const SEALED = edited(
  stackText("dev"),
  ["groundwork:ssh:\n", `groundwork:ssh:\n    privateKey:\n      secure: ${CANARY}\n`],
  ["groundwork:k3s:\n", `groundwork:k3s:\n    token:\n      secure: ${CANARY}\n`],
  ["tsigKeyName: k3s-acme\n", `tsigKeyName: k3s-acme\n      tsigSecret:\n        secure: ${CANARY}\n`],
);

describe("secrets in a plan", () => {
  it("are shown nowhere, in no format", async () => {
    const plan = await planOf(SEALED);
    const shown = [
      JSON.stringify(plan),
      renderText(plan, { width: 80 }),
      renderMarkdown(plan),
      ...plan.nodes.map((node) => renderNodeText(node, { width: 80 })),
      renderDifferenceText(comparePlans(undefined, plan, "main"), { width: 80 }),
    ];
    for (const text of shown) assert.doesNotMatch(text, /CANARY/);
  });

  it("are no longer warned of once they are set", async () => {
    const missing = (warnings: readonly string[]): string[] => warnings.filter((line) => line.includes("is not set"));
    assert.equal(missing((await planOf(stackText("dev"))).warnings).length, 2);
    assert.deepEqual(missing((await planOf(SEALED)).warnings), []);
  });

  it("that the program makes are [secret], in whatever is made of them", async () => {
    const plan = await planOf(stackText("dev"));
    for (const { name, steps } of plan.nodes) {
      const { server_token, agent_token } = steps.find((step) => step.name === `${name}-token`)?.facts ?? {};
      assert.deepEqual([server_token, agent_token], ["[secret]", "[secret]"], name);
    }
    assert.equal(plan.outputs["kubeconfig"], "[secret]");
    const provider = plan.resources.find((resource) => resource.name === "k8s");
    assert.equal(provider?.inputs["kubeconfig"], "[secret]");
  });
});
