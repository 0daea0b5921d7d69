import * as assert from "node:assert/strict";
import { renderMarkdown } from "../../plan/render/markdown";
import { renderText } from "../../plan/render/text";
import { edited, planOf, stackText } from "./stacks";

const ISSUED = edited(stackText("dev"), [
  "groundwork:certificates:\n",
  "groundwork:certificates:\n    issued:\n      internal-ca: { namespace: apps, issuer: internal-ca, names: [nas.home.example.org] }\n",
]);
const SUMMARY = "nas.home.example.org by internal-ca, in the Secret apps/internal-ca, renewed 360h before its end";

describe("certificates in a plan", () => {
  it("are listed, those of the stack and not those of its authorities", async () => {
    const { certificates, issuers } = await planOf(ISSUED);
    assert.deepEqual(
      certificates.map(({ name, namespace, summary }) => [name, namespace, summary]),
      [["internal-ca", "apps", SUMMARY]],
    );
    assert.equal(issuers.find(({ name }) => name === "internal-ca")?.summary, 'internal CA "Homelab CA"');
  });

  it("of authorities that 'up' reads are not known to it", async () => {
    const text = edited(stackText("dev"), ["      commonName: Homelab CA\n", "      rootOutput: true\n"]);
    const { outputs, resources, rollout } = await planOf(text);
    assert.doesNotMatch(JSON.stringify(outputs["authorities"]), /BEGIN CERTIFICATE|kubectl/);
    assert.ok(resources.some(({ name }) => name === "internal-ca-root"));
    assert.deepEqual(
      rollout.flatMap(({ units }) => units.map(({ name }) => name)).filter((name) => name.includes("root")),
      ["internal-ca-root"],
    );
  });

  it("are shown to people", async () => {
    const plan = await planOf(ISSUED);
    const text = renderText(plan, { width: 200 });
    assert.match(text, new RegExp(`\\nCertificates \\(1\\)\\n  internal-ca +${SUMMARY}\\n`));
    assert.match(text, /certificates +cert-manager v[\d.]+; issuers internal-ca, .*; certificate internal-ca\n/);
    assert.ok(renderMarkdown(plan).includes(`### Certificates\n\n- \`internal-ca\`: ${SUMMARY}\n`));
    assert.doesNotMatch(renderText(await planOf(stackText("dev")), { width: 200 }), /Certificates \(/);
  });
});
