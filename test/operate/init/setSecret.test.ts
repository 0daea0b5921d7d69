import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setPrivateKey } from "../../../operate/init/setSecret";
import { fakePulumi } from "../../automation/fakePulumi";

describe("the stack's SSH key as a secret", () => {
  const CANARY = "-----BEGIN KEY-----\nCANARY\n-----END KEY-----\n";

  /** Runs it with a Pulumi that writes down what it is given. */
  async function set(script: string): Promise<{ why: string | undefined; called: string; input: string }> {
    const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const [calls, input, key] = ["calls", "input", "key"].map((name) => join(root, name)) as [string, string, string];
    writeFileSync(key, CANARY);
    fakePulumi(root, { script: `echo "$*" >>'${calls}'\n[ "$1" != config ] || cat >'${input}'\n${script}` });
    const environment = { PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}`, PULUMI_HOME: join(root, "none") };
    const why = await setPrivateKey(key, { stack: "home", directory: root, environment });
    return { why, called: readFileSync(calls, "utf8"), input: existsSync(input) ? readFileSync(input, "utf8") : "" };
  }

  it("goes to the Pulumi CLI on standard input, and is no argument", async () => {
    const { why, called, input } = await set("exit 0");
    assert.equal(why, undefined);
    assert.equal(
      called,
      "stack select home --non-interactive\nconfig set --stack home --secret --path groundwork:ssh.privateKey --non-interactive\n",
    );
    assert.equal(input, CANARY);
  });

  it("is of a stack that is made first where it is not there", async () => {
    const { why, called } = await set('[ "$2" != select ]');
    assert.equal(why, undefined);
    assert.match(called, /^stack select home .+\nstack init home .+\nconfig set /);
  });

  it("is not set where the stack cannot be made, and why is said", async () => {
    const { why, input } = await set("echo 'error: PULUMI_ACCESS_TOKEN must be set for login' >&2; exit 255");
    assert.equal(why, "PULUMI_ACCESS_TOKEN must be set for login");
    assert.equal(input, "");
  });
});
