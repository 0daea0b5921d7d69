import * as assert from "node:assert/strict";
import { objectSource, ownCopy, secretTexts } from "../../automation/settingsObject";
import { loadSettings } from "../../config/read/load";
import { Secret } from "../../config/secret";
import { node } from "../config/fixtures";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";

function given(): { nodes: Record<string, unknown>[]; ssh: Record<string, unknown>; k3s: Record<string, unknown> } {
  return { nodes: [node("s1", { role: "server" })], ssh: { privateKey: KEY }, k3s: { token: Secret.of("join-me") } };
}

describe("settings as an object", () => {
  it("are the settings that a stack's file would give, with secrets in plain text", () => {
    const settings = loadSettings(
      objectSource(ownCopy(given()), () => undefined),
      "mine",
    );
    assert.equal(settings.stack, "mine");
    assert.equal(settings.ssh.privateKey?.reveal(), KEY);
    assert.equal(settings.k3s.token?.reveal(), "join-me");
    assert.ok(!JSON.stringify(settings).includes("abc"));
  });

  it("are a copy: what the caller changes later does not reach a run", () => {
    const settings = given();
    const copy = ownCopy(settings);
    settings.nodes[0]!["name"] = "changed";
    assert.equal((copy["nodes"] as Record<string, unknown>[])[0]!["name"], "s1");
  });

  it("tell the texts of their secrets, for masking", () => {
    assert.deepEqual(secretTexts(ownCopy(given())), [KEY, "join-me"]);
    assert.deepEqual(secretTexts(ownCopy({ ssh: { privateKey: Secret.sealed() } })), []);
  });

  it("leave out what is undefined, as an object in TypeScript often has it", () => {
    assert.deepEqual(ownCopy({ dns: undefined, k3s: { version: undefined } }), { k3s: {} });
    assert.deepEqual(ownCopy("nonsense"), {});
  });
});
