import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackCipher } from "../../config/read/stackCipher";
import { openStack } from "../../operate/openStack";
import { ed25519Key } from "../sshKey";

describe("a stack that a verb opens", () => {
  const cipher = stackCipher("open sesame");
  const key = ed25519Key();
  const text = (sealed: string): string =>
    [
      `encryptionsalt: ${cipher.salt}`,
      "config:",
      "  groundwork:nodes:",
      "    - name: atlas",
      "      role: server",
      "      address: 192.0.2.11",
      `      hostKey: ${ed25519Key().public.trim()}`,
      "  groundwork:ssh:",
      "    privateKey:",
      `      secure: ${sealed}`,
      "",
    ].join("\n");
  const onDisk = (content: string) => ({
    project: "groundwork",
    stack: "home",
    directory: "/nonexistent",
    fileName: "Pulumi.home.yaml",
    text: content,
  });

  it("has its secrets opened by the passphrase of the environment, without the CLI", async () => {
    const { settings, desired } = await openStack(onDisk(text(cipher.encrypt(key.private))), {
      PULUMI_CONFIG_PASSPHRASE: "open sesame",
    });
    assert.equal(settings.ssh.privateKey?.reveal(), key.private);
    assert.equal(desired.nodes.first.ssh.privateKey?.reveal(), key.private);
  });

  it("has them opened by the passphrase of the file that is named", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "groundwork-test-")), "passphrase");
    writeFileSync(file, "open sesame\n");
    const env = { PULUMI_CONFIG_PASSPHRASE_FILE: file };
    const { settings } = await openStack(onDisk(text(cipher.encrypt(key.private))), env);
    assert.equal(settings.ssh.privateKey?.reveal(), key.private);
    await assert.rejects(openStack(onDisk(text("v1:x:y")), { PULUMI_CONFIG_PASSPHRASE_FILE: `${file}s` }), {
      message: `PULUMI_CONFIG_PASSPHRASE_FILE: ${file}s cannot be read (ENOENT)`,
    });
  });

  it("says that the passphrase is another one, and which secret it does not open", async () => {
    await assert.rejects(openStack(onDisk(text(cipher.encrypt("x"))), { PULUMI_CONFIG_PASSPHRASE: "open barley" }), {
      message: "the passphrase is not the one that the stack's file was made with",
    });
    await assert.rejects(openStack(onDisk(text("v1:AAAA:AAAA")), { PULUMI_CONFIG_PASSPHRASE: "open sesame" }), {
      message: [
        "The settings of stack 'home' have one problem:",
        "  ssh.privateKey: is encrypted, and the stack's passphrase does not open it; set it again with: pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
      ].join("\n"),
    });
  });

  it("says what the CLI calls an error, whatever its libraries print before", async () => {
    const home = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    mkdirSync(join(home, "bin"));
    const cli = [
      "#!/bin/sh",
      'case "$*" in',
      "  version*) echo v3.265.0 ;;",
      "  *) echo 'SDK 2026/11/28 WARN Response has no supported checksum.' >&2; echo 'error: get key: connection refused' >&2; exit 255 ;;",
      "esac",
    ];
    writeFileSync(join(home, "bin", "pulumi"), `${cli.join("\n")}\n`, { mode: 0o755 });
    for (const program of ["pulumi-language-nodejs"]) writeFileSync(join(home, "bin", program), "", { mode: 0o755 });
    const stack = { ...onDisk(text(cipher.encrypt("x"))), directory: home };
    await assert.rejects(openStack(stack, { PATH: `/usr/bin:/bin:${join(home, "bin")}`, PULUMI_HOME: home }), {
      message: "the secrets of Pulumi.home.yaml cannot be opened: get key: connection refused",
    });
  });

  it("needs the CLI where no passphrase is known, and says what to set", async () => {
    const env = { PATH: "/nonexistent", PULUMI_HOME: "/nonexistent" };
    await assert.rejects(openStack(onDisk(text(cipher.encrypt("x"))), env), {
      message:
        "the secrets of Pulumi.home.yaml cannot be opened: Pulumi's command-line tool is not on the PATH or in ~/.pulumi",
      remedy:
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE where the stack has a passphrase; for another secrets provider, install Pulumi's CLI, log in, and set what the provider needs",
    });
  });
});
