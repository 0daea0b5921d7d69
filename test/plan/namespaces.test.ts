import * as assert from "node:assert/strict";
import { renderMarkdown } from "../../plan/render/markdown";
import { renderText } from "../../plan/render/text";
import { edited, planOf, stackText } from "./stacks";

const CANARY = "v1:CANARYCANARY:c2VjcmV0";
const WITH_TEAMS = edited(stackText("dev"), [
  "groundwork:namespaces:\n",
  `groundwork:namespaces:
    default:
      quota: { limits.memory: 8Gi }
      pullSecrets:
        hub: { registry: docker.io, username: robot, password: { secure: "${CANARY}" } }
      access:
        web:
          role: view
          rules:
            - { resources: [pods/exec], verbs: [create] }
            - { resources: [configmaps], resourceNames: [web], verbs: [update] }
        ops: { role: admin }
`,
]);

describe("namespaces in a plan", () => {
  it("are shown with what containers get, who pulls images, and who may do what", async () => {
    const plan = await planOf(WITH_TEAMS);
    const found = plan.namespaces.find(({ name }) => name === "default");
    assert.deepEqual(found?.pullSecrets, ["hub (docker.io as robot)"]);
    assert.deepEqual(found.access, ["web: view; create of pods/exec; update of configmaps named web", "ops: admin"]);
    const text = renderText(plan, { width: 200 });
    for (const words of [
      "quota limits.memory=8Gi",
      "a container asks by default for memory=64Mi",
      "a container has by default at most memory=512Mi",
      "images are pulled with hub (docker.io as robot)",
      "team web: view; create of pods/exec; update of configmaps named web",
      "team ops: admin",
    ]) {
      assert.match(text, new RegExp(`^ {2,}(default +)?${words.replace(/[()]/g, "\\$&")}$`, "m"));
    }
    const markdown = renderMarkdown(plan);
    assert.match(markdown, /\| hub \(docker\.io as robot\) \| web: view; [^|]+; ops: admin \|/);
    assert.doesNotMatch(JSON.stringify([plan, text, markdown]), /CANARY/);
  });
});
