import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackCipher } from "../../config/read/stackCipher";
import { operate } from "../../service/runs/operate";
import { openServedStack } from "../../service/runs/pulumiEngine";
import type { Outcome } from "../../service/store/operations";
import { ed25519Key } from "../sshKey";

describe("a served stack on Pulumi's engine", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const cipher = stackCipher("correct horse");
    const config = {
      "groundwork:nodes": [{ name: "atlas", role: "server", address: "192.0.2.1" }],
      "groundwork:ssh": { privateKey: { secure: cipher.encrypt(ed25519Key().private) } },
    };
    writeFileSync(join(directory, "Pulumi.yaml"), "name: groundwork\nruntime: nodejs\n");
    writeFileSync(join(directory, "Pulumi.dev.yaml"), stringify({ encryptionsalt: cipher.salt, config }));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const preview = (passphrase: string): Promise<Outcome> => {
    const passphraseFile = join(directory, "passphrase");
    writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    const stack = {
      ...{ name: "dev", project: directory, backendUrl: `file://${directory}`, passphraseFile },
      ...{ secretsProvider: undefined, pulumiHome: undefined },
    };
    const hooks = { onEvent: () => undefined, onPlan: () => undefined, signal: new AbortController().signal };
    const task = { kind: "preview", message: undefined, plan: undefined, interruptions: [] } as const;
    return operate(() => openServedStack(stack), task, hooks);
  };

  it("has the settings of its file with the secrets opened, and tells what is wrong with them", async () => {
    const { state, error } = await preview("correct horse");
    assert.deepEqual([state, error?.code], ["failed", "invalid-settings"]);
    // The key is not among them: it was opened.
    assert.deepEqual(
      error?.problems?.map((problem) => (problem as { path: string }).path),
      ["nodes[0].hostKey"],
    );
  });

  it("is not opened with another passphrase", async () => {
    assert.deepEqual(await preview("battery staple"), {
      state: "failed",
      error: {
        code: "failed",
        message: "the passphrase is not the one that the stack's file was made with",
        remedy: "",
      },
    });
  });
});
