import * as assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const SCRIPTS = path.join(__dirname, "..", "..", ".ci");

/** Pulumi: keeps how it was called; a preview prints one, which fails where the file `fails` is. */
const NPX = `#!/bin/sh
echo "$*" >>calls
[ "$2" = preview ] || exit 0
cat preview.json
[ ! -e fails ]
`;

/** Groundwork by the real Node, but for what is asked of it here. */
const NODE = `#!/bin/sh
case "$*" in
  *"plan --stack dev --against"*) exit "\${DEV_DIFFERS:-0}" ;;
  *"plan --stack prod --against"*) exit 0 ;;
  *"digest --stack prod"*) echo "$DIGEST_OF_PROD"; [ -n "$DIGEST_OF_PROD" ] ;;
  *"digest --stack dev"*) echo "nobody approved dev" >&2; exit 1 ;;
  *"--expect "*)
    echo "held to $*" >>calls
    case "$*" in *"--expect 1111"*) ;; *) echo 'not what was approved' >&2; exit 1 ;; esac ;;
  *"drift --stack dev"*) echo '{"findings": [1, 2]}'; exit 3 ;;
  *"drift --stack prod"*) echo 'a secret of the engine' >&2; exit 1 ;;
  *) exec "$REAL_NODE" "$@" ;;
esac
`;

describe("the scripts that bring stacks up", () => {
  let root: string;
  const file = (name: string): string => path.join(root, name);
  const run = (script: string, args: readonly string[], env: Record<string, string> = {}) => {
    fs.rmSync(file("calls"), { force: true });
    const { status, stdout, stderr } = spawnSync(file(`.ci/${script}`), args, {
      cwd: root,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${file("bin")}:${process.env["PATH"] ?? ""}`,
        REAL_NODE: process.execPath,
        GROUNDWORK_UP_STACKS: '["dev", "prod"]',
        ...env,
      },
    });
    const calls = fs.existsSync(file("calls")) ? fs.readFileSync(file("calls"), "utf8").trim().split("\n") : [];
    return {
      status,
      out: stdout,
      err: stderr,
      calls: calls.map((line) => line.replaceAll(/\/\S*\/(?=\w+\.json)/g, "")),
    };
  };
  const git = (...args: string[]): void => {
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      stdio: "pipe",
    });
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(tmpdir(), "groundwork-ci-"));
    for (const folder of ["bin", ".ci"]) fs.mkdirSync(file(folder));
    for (const script of ["live-up", "changed-stacks", "up-merged", "drift"]) {
      fs.copyFileSync(path.join(SCRIPTS, script), file(`.ci/${script}`));
    }
    fs.writeFileSync(file("bin/npx"), NPX, { mode: 0o755 });
    fs.writeFileSync(file("bin/node"), NODE, { mode: 0o755 });
    fs.writeFileSync(file("preview.json"), '{"steps":[]}');
    for (const stack of ["dev", "prod"]) fs.writeFileSync(file(`Pulumi.${stack}.yaml`), "config: {}\n");
    git("init", "-q");
    git("add", "Pulumi.dev.yaml", "Pulumi.prod.yaml");
    git("commit", "-qm", "base");
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  const PREVIEW = "pulumi preview --json --show-sames --refresh --non-interactive --stack prod";
  const UP = "pulumi up --yes --skip-preview --refresh --non-interactive --stack prod";
  const HELD = "held to bin/groundwork.js plan --stack prod --live preview.json --expect";

  it("live-up: previews, holds that to the digest, and only then is anything done", () => {
    const { status, calls } = run("live-up", ["prod", "1111"]);
    assert.deepEqual([status, calls], [0, [PREVIEW, `${HELD} 1111`, UP]]);
    const refused = run("live-up", ["prod", "2222"]);
    assert.deepEqual([refused.status, refused.calls], [1, [PREVIEW, `${HELD} 2222`]]);
    assert.match(refused.err, /not what was approved/);
  });

  it("live-up: with the engine's own plan, does nothing that is not in it", () => {
    const { calls } = run("live-up", ["prod", "1111"], { GROUNDWORK_SAVE_PLAN: "true" });
    assert.deepEqual(calls, [
      `${PREVIEW} --save-plan plan.json`,
      `${HELD} 1111 --engine-plan plan.json`,
      `${UP} --plan plan.json`,
    ]);
  });

  it("live-up: a preview that said nothing is the end, and one that failed is held to the digest, which it never is", () => {
    fs.writeFileSync(file("fails"), "");
    assert.equal(run("live-up", ["prod", "2222"]).status, 1);
    fs.writeFileSync(file("preview.json"), "");
    const { status, calls } = run("live-up", ["prod", "1111"]);
    assert.deepEqual([status, calls], [1, [PREVIEW]]);
  });

  it("changed-stacks: those with another plan, and those with another file", () => {
    assert.equal(run("changed-stacks", ["HEAD"]).out, "[]\n");
    assert.equal(run("changed-stacks", ["HEAD"], { DEV_DIFFERS: "3" }).out, '["dev"]\n');
    assert.equal(run("changed-stacks", ["HEAD"], { DEV_DIFFERS: "1" }).status, 1);
    fs.appendFileSync(file("Pulumi.prod.yaml"), "# another cipher text\n");
    assert.equal(run("changed-stacks", ["HEAD"], { DEV_DIFFERS: "3" }).out, '["dev","prod"]\n');
  });

  it("up-merged: a stack that nobody approved keeps no other back, and none is touched that was not changed", () => {
    fs.appendFileSync(file("Pulumi.prod.yaml"), "# another cipher text\n");
    const both = run("up-merged", ["HEAD", "HEAD"], { DEV_DIFFERS: "3", DIGEST_OF_PROD: "1111" });
    assert.deepEqual([both.status, both.calls], [1, [PREVIEW, `${HELD} 1111`, UP]]);
    assert.match(both.err, /nobody approved dev/);
    const one = run("up-merged", ["HEAD", "HEAD"], { DIGEST_OF_PROD: "1111" });
    assert.deepEqual([one.status, one.calls.at(-1)], [0, UP]);
    git("commit", "-qam", "merged");
    assert.deepEqual(run("up-merged", ["HEAD", "HEAD"]), { status: 0, out: "", err: "", calls: [] });
  });

  it("up-merged: takes the digest of a person, for one stack", () => {
    const { status, calls } = run("up-merged", ["HEAD", "HEAD"], { STACK: "prod", DIGEST: "1111" });
    assert.deepEqual([status, calls.at(-1)], [0, UP]);
    assert.match(run("up-merged", ["HEAD", "HEAD"], { STACK: "prod" }).err, /write the digest that you have read/);
  });

  it("drift: keeps what was found, and of what failed only that it did", () => {
    const { status, out } = run("drift", ["found", "dev", "prod"]);
    assert.equal(status, 1, "nobody would look");
    assert.equal(run("drift", ["alone", "dev"]).status, 0);
    assert.match(out, /^dev: 2 findings\nprod: could not be compared \(exit code 1\)\n$/);
    assert.deepEqual(fs.readdirSync(file("found")), ["dev.json", "prod.txt"]);
    assert.doesNotMatch(fs.readFileSync(file("found/prod.txt"), "utf8"), /secret/);
  });
});
