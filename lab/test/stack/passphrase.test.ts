import assert from "node:assert/strict";
import { stackCipher } from "../../../config/read/stackCipher";
import { openConfig } from "../../stack/stackConfig";

// Made by the real CLI (pulumi stack init, pulumi config set --secret) with the passphrase "lab".
const salt = "v1:edSIUFn63HQ=:v1:LDoPdgWvoQC632fp:OjrYH+cusz3xirjfSriqqz6MVhjZHA==";
const sealed = "v1:Hi8AaM/tGPjrU/p0:L21jvyET915nENMYSBdRtkDBNNxilXwp547YDG4yAJFWFnQ=";

describe("the secrets of a lab's stack", () => {
  it("open what Pulumi's passphrase provider encrypted", () => {
    assert.equal(stackCipher("lab", salt).decrypt(sealed), "the word of the day");
  });

  it("are refused with another passphrase", () => {
    assert.throws(() => stackCipher("lob", salt), /is not the one that the stack's file was made with/);
    assert.throws(() => stackCipher("lab", "v0:x"), /is not one of a passphrase/);
  });

  it("open again what was encrypted here, under a salt that is kept", () => {
    const first = stackCipher("lab");
    const value = first.encrypt("text");
    assert.match(value, /^v1:[^:]+:[^:]+$/);
    assert.equal(stackCipher("lab", first.salt).decrypt(value), "text");
    assert.equal(first.decrypt(value.replace(/.{8}$/, "AAAAAAAA")), undefined);
  });

  it("are found at any depth of a configuration, and are told apart from the rest of their key", () => {
    const opened = openConfig(
      { "groundwork:ssh": { user: "ops", privateKey: { secure: "v1:a:b" } }, "groundwork:nodes": [{ name: "s1" }] },
      () => "opened",
    );
    assert.deepEqual(opened, {
      "groundwork:ssh": { value: { user: "ops", privateKey: "opened" }, secret: true, hidden: ["opened"] },
      "groundwork:nodes": { value: [{ name: "s1" }], secret: false, hidden: [] },
    });
    assert.throws(
      () => openConfig({ a: [{ b: { secure: "x" } }] }, () => undefined),
      /^LabError: a\[0\]\.b: the lab's/,
    );
  });
});
