import * as assert from "node:assert/strict";
import { maskOf } from "../../automation/mask";

describe("masking", () => {
  it("blots out every secret wherever it stands", () => {
    const mask = maskOf(["s3cr3t-token", "another one"]);
    assert.equal(mask("token=s3cr3t-token; s3cr3t-token another one"), "token=[secret]; [secret] [secret]");
  });

  it("finds the lines of a key one by one, as a host prints them", () => {
    const mask = maskOf([
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACBz\n-----END OPENSSH PRIVATE KEY-----\n",
    ]);
    assert.equal(mask("host: b3BlbnNzaC1rZXktdjEAAAAA"), "host: [secret]");
    assert.equal(mask("-----BEGIN OPENSSH PRIVATE KEY-----"), "-----BEGIN OPENSSH PRIVATE KEY-----");
  });

  it("blots out the longer of two secrets first, and leaves texts alone that are too short for a secret", () => {
    assert.equal(maskOf(["abcd", "abcdefgh", "x", ""])("abcdefgh abcd x"), "[secret] [secret] x");
  });
});
