import * as assert from "node:assert/strict";
import { comparePlans } from "../../plan/compare/compare";
import { maskTexts, maskValues } from "../../plan/compare/maskSecrets";
import { liveDifference } from "../../plan/live/liveDifference";
import { readPreview } from "../../plan/live/preview";
import { LIVE_STACK, recordedPreview } from "./livePreviews";
import { edited, planOf, stackText } from "./stacks";

const CANARY = "c4nary-in-the-clear";

describe("a secret on one side", () => {
  it("is masked on the other, whichever that is, and seen to change", () => {
    assert.deepEqual(maskValues({ password: CANARY, user: "a" }, { password: "[secret]", user: "b" }), {
      before: { password: "[secret], in plain text", user: "a" },
      after: { password: "[secret]", user: "b" },
    });
    assert.deepEqual(maskValues({ password: "[secret]" }, { password: { file: CANARY } }), {
      before: { password: "[secret]" },
      after: { password: "[secret], in plain text" },
    });
  });

  it("adds no key that every object has in JavaScript", () => {
    assert.deepEqual(maskValues({ constructor: "a" }, { user: "b" }), {
      before: { constructor: "a" },
      after: { user: "b" },
    });
  });

  it("masks what it may have been in a list of another length", () => {
    const { before } = maskValues([{ url: CANARY }, { url: "a" }], [{ url: "[secret]" }, { url: "a" }, { url: "b" }]);
    assert.deepEqual(before, ["[secret], in plain text", { url: "a" }]);
  });

  it("masks lines of a text that begin as its own does, and all that differ where all of the other is one", () => {
    const { before } = maskTexts(`a: 1\n  password: ${CANARY}\nb: 2\n`, 'a: 1\n  password: "[secret]"\nb: 3\n');
    assert.equal(before, "a: 1\n  password: [secret], in plain text\nb: 2\n");
    assert.doesNotMatch(maskTexts(`first\n${CANARY}\n`, "[secret]\n").before, new RegExp(`${CANARY}|first`));
  });

  it("is in no difference of two revisions where a file of the hosts becomes a secret, or is none any more", async () => {
    const file = (content: string): string =>
      edited(stackText("dev"), [
        "groundwork:k3s:\n",
        `groundwork:k3s:\n    files:\n      /etc/groundwork-audit.yaml:\n        ${content}\n`,
      ]);
    const was = await planOf(file(`content: "key: ${CANARY}\\n"`));
    const is = await planOf(file("secretContent: { secure: v1:x:c2VjcmV0 }"));
    assert.match(JSON.stringify(was), new RegExp(CANARY), "the plan itself shows what is no secret");
    for (const difference of [comparePlans(was, is, "main"), comparePlans(is, was, "main")]) {
      assert.doesNotMatch(JSON.stringify(difference), new RegExp(CANARY));
      assert.match(JSON.stringify(difference), /\[secret\], in plain text/);
    }
  });

  it("is not in what stands for a script that cannot be read", () => {
    const preview = recordedPreview("sudo", ({ steps }) => {
      const step = steps.find(({ op, urn }) => op === "update" && urn.endsWith("Command::agent-1"));
      step!.oldState!.inputs!["stdin"] = `another release's ${CANARY}\n`;
    });
    const difference = liveDifference(readPreview(preview, LIVE_STACK));
    assert.doesNotMatch(JSON.stringify(difference), new RegExp(CANARY));
    assert.match(difference.warnings.join(), /cannot be read: agent-1/);
  });

  it("is not in a live difference, in which the engine shows the old plain value", () => {
    const preview = recordedPreview("ingress", ({ steps }) => {
      const release = steps.find(({ op, urn }) => op === "update" && urn.endsWith("Release::ingress-nginx"))!;
      const values = (text: string): Record<string, unknown> => ({ controller: { password: text, list: [text] } });
      release.oldState!.inputs!["values"] = values(CANARY);
      (release.newState as { inputs: Record<string, unknown> }).inputs["values"] = values("[secret]");
    });
    const difference = liveDifference(readPreview(preview, LIVE_STACK));
    assert.doesNotMatch(JSON.stringify(difference), new RegExp(CANARY));
    assert.match(JSON.stringify(difference), /\[secret\], in plain text/);
  });

  it("is not in what the engine says when the preview fails, and what looks like a secret is not either", () => {
    const preview = recordedPreview("ingress", (given) => {
      const release = given.steps.find(({ op, urn }) => op === "update" && urn.endsWith("Release::ingress-nginx"))!;
      release.oldState!.inputs!["values"] = { password: CANARY };
      (release.newState as { inputs: Record<string, unknown> }).inputs["values"] = { password: "[secret]" };
      const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----";
      const message = [
        `error: login with ${CANARY} failed`,
        "https://u:pa55word@example.org/chart",
        "Authorization: Bearer abcdefgh12345678",
        '"token": "abc", API_TOKEN=def',
        key,
        "exit status 1",
      ].join("\n");
      given.diagnostics = [{ severity: "error", message }];
    });
    const { warnings } = liveDifference(readPreview(preview, LIVE_STACK));
    assert.equal(
      warnings[0],
      'the preview failed: login with [secret] failed https://u:[secret]@example.org/chart Authorization: Bearer [secret] "token": [secret], API_TOKEN=[secret] [secret] exit status 1',
    );
  });
});
