import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterFrameBegin, insideFrame, framed, framedFile } from "../../desired/host/framed";
import { asRoot, inputAsRoot } from "../../desired/ssh";
import { Secret } from "../../config/secret";
import { desiredNode } from "../program";

/** What sudo does with -S, as far as it matters here: it reads a line for each of three tries, a byte at a time. */
const SUDO = `#!/bin/bash
printf '%s\\n' "$*" >>"$LOG"
while [ "\${1#-}" != "$1" ]; do case $1 in *p) shift ;; esac; shift; done
if [ "$ASKS" = yes ]; then
  for try in 1 2 3; do
    IFS= read -r given || { echo "sudo: no password was provided" >&2; exit 1; }
    printf 'tried\\n' >>"$LOG"
    [ "$given" != "$PASSWORD" ] || break
    [ $try -lt 3 ] || { echo "sudo: 3 incorrect password attempts" >&2; exit 1; }
    echo "Sorry, try again." >&2
  done
fi
exec "$@"
`;

describe("a command as root", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-sudo-"));
    writeFileSync(join(directory, "sudo"), SUDO);
    chmodSync(join(directory, "sudo"), 0o755);
  });
  after(() => rmSync(directory, { recursive: true }));

  const PASSWORD = `it's a "pass" $word; \\n #`;
  const target = (password: string) => {
    const stack = { ssh: { user: "ops", privateKey: Secret.of("k"), sudoPassword: Secret.of(password) } };
    return desiredNode("s1", stack).ssh;
  };
  const run = (options: { given?: string; asks?: "yes" | "no"; command?: string; input?: string; shell?: string }) => {
    const { given = PASSWORD, asks = "yes", command = "sh -s -- converge", input = "", shell = "sh" } = options;
    const log = join(directory, "log");
    writeFileSync(log, "");
    const { status, stdout, stderr } = spawnSync(shell, ["-c", asRoot(target(given), command)], {
      input: inputAsRoot(target(given), input),
      env: { HOME: directory, PATH: `${directory}:${process.env["PATH"] ?? ""}`, PASSWORD, ASKS: asks, LOG: log },
      encoding: "utf8",
    });
    return { status, stdout, stderr, log: readFileSync(log, "utf8") };
  };
  const script = 'echo "verb $1"\nread -r line || line=nothing\necho "$line"\nexit 7\n';

  for (const shell of ["sh", "bash"]) {
    it(`hands the password to sudo, and all the rest to the command, under ${shell}`, () => {
      const { status, stdout, stderr, log } = run({ input: `main() {\n${script}}\nmain "$@" </dev/null\n`, shell });
      assert.deepEqual([status, stdout, stderr], [7, "verb converge\nnothing\n", ""]);
      assert.ok(!log.includes("pass"), "no password in an argument of sudo");
    });
  }

  it("runs the same where sudo asks for none after all, and the password is not taken for the script", () => {
    const { status, stdout, stderr } = run({ asks: "no", input: "echo in\n" });
    assert.deepEqual([status, stdout, stderr], [0, "in\n", ""]);
  });

  it("tries a wrong password once, runs nothing, and names the setting", () => {
    const { status, stdout, stderr, log } = run({ given: "wrong", input: "echo in\n" });
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: sudo does not accept ssh\.sudoPassword of \S+: .+\n$/);
    assert.equal(log.match(/tried/g)?.length, 1);
  });

  it("reads an input of a megabyte to its end", () => {
    assert.equal(run({ command: "wc -c", input: "x".repeat(1 << 20) }).stdout.trim(), String(1 << 20));
  });

  it("needs no password for root, and none where no setting has one", () => {
    const root = desiredNode("s1", { ssh: { privateKey: Secret.of("k"), sudoPassword: Secret.of("x") } }).ssh;
    assert.equal(asRoot(root, "id"), "id");
    assert.equal(inputAsRoot(root, "in"), "in");
    const ops = desiredNode("s1", { ssh: { user: "ops", privateKey: Secret.of("k") } }).ssh;
    assert.equal(asRoot(ops, "id"), "sudo -n id");
  });

  it("keeps what a start file prints apart from what it says itself", () => {
    writeFileSync(join(directory, "file"), "a: 1\nb: 2\n");
    const noisy = (command: string): string =>
      spawnSync("sh", ["-c", `echo 'Welcome to atlas!'; ${command}`], { encoding: "utf8" }).stdout;
    assert.equal(afterFrameBegin(noisy(framed("printf '%s|' a 'b c'"))), "a|b c|");
    assert.equal(insideFrame(noisy(framedFile(join(directory, "file")))), "a: 1\nb: 2\n");
    assert.equal(insideFrame("a: 1\n"), undefined);
    const whole = noisy(framedFile(join(directory, "file")));
    assert.throws(() => insideFrame(whole.slice(0, -20)), /the connection was lost/);
  });

  it("is not run at all when the file is not there", () => {
    const { status, stdout } = spawnSync("sh", ["-c", framedFile("/nonexistent")], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.throws(() => insideFrame(stdout), /ends in the middle/);
  });
});
