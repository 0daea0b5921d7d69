import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

const ROOT = path.join(__dirname, "..", "..");

/** Runs the checks with nothing on the PATH but the package's own tools. */
function check(...args: readonly string[]): { status: number | null; output: string } {
  const loader = path.join(ROOT, "bin", "typescript.js");
  const script = path.join(ROOT, "scripts", "check.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", loader, script, ...args], {
    env: { PATH: "" },
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

describe("npm run check", () => {
  it("names the checks there are when it is asked for another one", () => {
    assert.deepEqual(check("shel", "lint"), {
      status: 2,
      output:
        "check: no check is called shel; there are types, lint, format, shell, workflows, zizmor, go-format, go-vet\n",
    });
  });

  it("fails with the way to install shellcheck where that is missing, and skips Go where there is none", () => {
    const { status, output } = check("shell", "workflows", "go-format");
    assert.equal(status, 1, output);
    assert.match(
      output,
      /^shell {6}FAILED \(\d+\.\d s\)\n {2}shellcheck is not installed; install it: apt-get install shellcheck/m,
    );
    assert.match(output, /^workflows {2}skipped: /m);
    assert.match(output, /^go-format {2}skipped: /m);
    assert.match(output, /\nchecks: 0 passed, 1 failed, 2 skipped\n$/);
  });
});
